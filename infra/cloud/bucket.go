package cloud

import (
	"bytes"
	"net/http"
	"net/http/httptest"
	"strconv"
	"strings"
)

// object takes S3's requests, which name bucket and key in the path.
func (c *Cloud) object(w http.ResponseWriter, r *http.Request, call Call) {
	bucket, key, _ := strings.Cut(strings.TrimPrefix(r.URL.Path, "/"), "/")
	call.Service = "s3"
	if key == "" {
		call.Operation, call.Needs = "ListObjectsV2", []Right{{"s3:ListBucket", "bucket/" + bucket}}
	} else {
		verb := map[string]string{http.MethodGet: "Get", http.MethodHead: "Head", http.MethodPut: "Put", http.MethodDelete: "Delete"}[r.Method]
		action := map[string]string{"Head": "Get"}[verb]
		if action == "" {
			action = verb
		}
		call.Operation, call.Needs = verb+"Object", []Right{{"s3:" + action + "Object", "object/" + bucket + "/" + key}}
	}
	if call.Operation == "Object" || key == "" && r.Method != http.MethodGet {
		c.test.Errorf("cloud: no %s %s here", r.Method, r.URL.Path)
	}
	c.note(call)
	c.mu.Lock()
	defer c.mu.Unlock()
	c.buckets.ServeHTTP(w, r)
}

// Put lays an object into a bucket.
func (c *Cloud) Put(bucket, key string, content []byte) {
	c.test.Helper()
	c.mu.Lock()
	defer c.mu.Unlock()
	request := httptest.NewRequest(http.MethodPut, "/"+bucket+"/"+key, bytes.NewReader(content))
	request.Header.Set("Content-Length", strconv.Itoa(len(content))) // gofakes3 reads the header itself
	answer := httptest.NewRecorder()
	c.buckets.ServeHTTP(answer, request)
	if answer.Code != http.StatusOK {
		c.test.Fatalf("cloud: put %s: status %d: %s", key, answer.Code, answer.Body)
	}
}
