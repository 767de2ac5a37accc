// Package parameter reads a deployment's secrets from the parameter store.
package parameter

import (
	"context"
	"fmt"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/ssm"

	"convoke/shared/platform/auth"
	"convoke/shared/platform/boot"
)

// Links reads the keys that sign links.
func Links(ctx context.Context, d *boot.Deployment) (*auth.Keyring, error) {
	out, err := ssm.NewFromConfig(d.AWS).GetParameter(ctx, &ssm.GetParameterInput{
		Name: aws.String(d.Config.LinkKeysParameter), WithDecryption: aws.Bool(true),
	})
	if err != nil {
		return nil, fmt.Errorf("read the link keys from parameter %s: %w", d.Config.LinkKeysParameter, err)
	}
	ring, err := auth.ParseKeyring(aws.ToString(out.Parameter.Value))
	if err != nil {
		return nil, fmt.Errorf("parameter %s: %w", d.Config.LinkKeysParameter, err)
	}
	return ring, nil
}
