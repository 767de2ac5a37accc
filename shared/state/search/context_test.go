package search_test

import "context"

var ctx = context.Background()
