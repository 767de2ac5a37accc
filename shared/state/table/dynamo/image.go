package dynamo

import (
	"bytes"
	"encoding/json"
	"fmt"
	"strconv"

	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"
	streams "github.com/aws/aws-sdk-go-v2/service/dynamodbstreams/types"

	"convoke/shared/state/table"
)

// image is an item as DynamoDB holds it.
type image = map[string]types.AttributeValue

func text(s string) types.AttributeValue { return &types.AttributeValueMemberS{Value: s} }

func integer(n int64) types.AttributeValue {
	return &types.AttributeValueMemberN{Value: strconv.FormatInt(n, 10)}
}

func keyImage(key table.Key) image { return image{"pk": text(key.PK), "sk": text(key.SK)} }

// encode returns the image of an item that ValidateItem has passed.
func encode(it table.Item) (image, error) {
	out := image{}
	if len(it.Attributes) > 0 {
		dec := json.NewDecoder(bytes.NewReader(it.Attributes))
		dec.UseNumber()
		var members map[string]any
		if err := dec.Decode(&members); err != nil {
			return nil, fmt.Errorf("%w: %w", table.ErrBadItem, err)
		}
		for name, member := range members {
			value, err := encodeValue(member)
			if err != nil {
				return nil, err
			}
			out[name] = value
		}
	}
	for _, index := range []table.Index{table.Primary, table.G1, table.G2} {
		if key := it.In(index); key != (table.Key{}) {
			pk, sk := keyNames(index)
			out[pk], out[sk] = text(key.PK), text(key.SK)
		}
	}
	out["v"] = integer(it.Version)
	if it.Type != "" {
		out["type"] = text(it.Type)
	}
	if it.Expires != 0 {
		out["ttl"] = integer(it.Expires)
	}
	return out, nil
}

func encodeValue(v any) (types.AttributeValue, error) {
	switch v := v.(type) {
	case string:
		return text(v), nil
	case json.Number:
		n, err := table.Number(v.String())
		return &types.AttributeValueMemberN{Value: n}, err
	case bool:
		return &types.AttributeValueMemberBOOL{Value: v}, nil
	case []any:
		list := make([]types.AttributeValue, len(v))
		for i, element := range v {
			value, err := encodeValue(element)
			if err != nil {
				return nil, err
			}
			list[i] = value
		}
		return &types.AttributeValueMemberL{Value: list}, nil
	case map[string]any:
		members := make(image, len(v))
		for name, member := range v {
			value, err := encodeValue(member)
			if err != nil {
				return nil, err
			}
			members[name] = value
		}
		return &types.AttributeValueMemberM{Value: members}, nil
	default:
		return &types.AttributeValueMemberNULL{Value: true}, nil
	}
}

// decode returns the item of an image. Values that the table never writes, such
// as sets, give ErrBadItem.
func decode(in image) (it table.Item, err error) {
	own := make(map[string]any, len(in))
	for name, value := range in {
		switch name {
		case "pk", "sk", "g1pk", "g1sk", "g2pk", "g2sk", "type", "v", "ttl":
			err = decodeReserved(&it, name, value)
		default:
			own[name], err = decodeValue(value)
		}
		if err != nil {
			return table.Item{}, fmt.Errorf("attribute %.80q: %w", name, err)
		}
	}
	var out bytes.Buffer
	enc := json.NewEncoder(&out)
	enc.SetEscapeHTML(false)
	if err := enc.Encode(own); err != nil {
		return table.Item{}, fmt.Errorf("%w: %w", table.ErrBadItem, err)
	}
	it.Attributes = bytes.TrimSuffix(out.Bytes(), []byte("\n"))
	return it, nil
}

func decodeReserved(it *table.Item, name string, value types.AttributeValue) (err error) {
	texts := map[string]*string{
		"pk": &it.PK, "sk": &it.SK, "g1pk": &it.G1.PK, "g1sk": &it.G1.SK, "g2pk": &it.G2.PK, "g2sk": &it.G2.SK, "type": &it.Type,
	}
	switch value := value.(type) {
	case *types.AttributeValueMemberS:
		if to, ok := texts[name]; ok {
			*to = value.Value
			return nil
		}
	case *types.AttributeValueMemberN:
		switch name {
		case "v":
			it.Version, err = strconv.ParseInt(value.Value, 10, 64)
			return err
		case "ttl":
			it.Expires, err = strconv.ParseInt(value.Value, 10, 64)
			return err
		}
	}
	return fmt.Errorf("%w: it is a %T", table.ErrBadItem, value)
}

func decodeValue(value types.AttributeValue) (any, error) {
	switch value := value.(type) {
	case *types.AttributeValueMemberS:
		return value.Value, nil
	case *types.AttributeValueMemberN:
		n, err := table.Number(value.Value)
		return json.Number(n), err
	case *types.AttributeValueMemberBOOL:
		return value.Value, nil
	case *types.AttributeValueMemberNULL:
		return nil, nil
	case *types.AttributeValueMemberL:
		list := make([]any, len(value.Value))
		for i, element := range value.Value {
			decoded, err := decodeValue(element)
			if err != nil {
				return nil, err
			}
			list[i] = decoded
		}
		return list, nil
	case *types.AttributeValueMemberM:
		members := make(map[string]any, len(value.Value))
		for name, member := range value.Value {
			decoded, err := decodeValue(member)
			if err != nil {
				return nil, err
			}
			members[name] = decoded
		}
		return members, nil
	default:
		return nil, fmt.Errorf("%w: it is a %T, which the table never writes", table.ErrBadItem, value)
	}
}

// Decode returns the item of an image in DynamoDB's own JSON, such as
// {"pk":{"S":"A"},"v":{"N":"1"}}: what a stream event handed to a function
// holds as OldImage and NewImage.
func Decode(raw []byte) (table.Item, error) {
	var values map[string]jsonValue
	if err := json.Unmarshal(raw, &values); err != nil {
		return table.Item{}, fmt.Errorf("decode image: %w: %w", table.ErrBadItem, err)
	}
	in := make(image, len(values))
	for name, value := range values {
		in[name] = value.native()
	}
	it, err := decode(in)
	if err == nil {
		err = table.ValidateKey(it.Key)
	}
	if err != nil {
		return table.Item{}, fmt.Errorf("decode image: %w", err)
	}
	return it, nil
}

// jsonValue is an attribute value in DynamoDB's JSON; one member is set.
type jsonValue struct {
	S    *string
	N    *string
	BOOL *bool
	NULL *bool
	L    *[]jsonValue
	M    *map[string]jsonValue
}

// native returns nil for kinds that the table never writes.
func (v jsonValue) native() types.AttributeValue {
	switch {
	case v.S != nil:
		return text(*v.S)
	case v.N != nil:
		return &types.AttributeValueMemberN{Value: *v.N}
	case v.BOOL != nil:
		return &types.AttributeValueMemberBOOL{Value: *v.BOOL}
	case v.NULL != nil:
		return &types.AttributeValueMemberNULL{Value: true}
	case v.L != nil:
		list := make([]types.AttributeValue, len(*v.L))
		for i, element := range *v.L {
			list[i] = element.native()
		}
		return &types.AttributeValueMemberL{Value: list}
	case v.M != nil:
		members := make(image, len(*v.M))
		for name, member := range *v.M {
			members[name] = member.native()
		}
		return &types.AttributeValueMemberM{Value: members}
	default:
		return nil
	}
}

// fromStream returns the values of a stream record, which the SDK gives types
// of their own.
func fromStream(in map[string]streams.AttributeValue) image {
	out := make(image, len(in))
	for name, value := range in {
		out[name] = fromStreamValue(value)
	}
	return out
}

func fromStreamValue(value streams.AttributeValue) types.AttributeValue {
	switch value := value.(type) {
	case *streams.AttributeValueMemberS:
		return text(value.Value)
	case *streams.AttributeValueMemberN:
		return &types.AttributeValueMemberN{Value: value.Value}
	case *streams.AttributeValueMemberBOOL:
		return &types.AttributeValueMemberBOOL{Value: value.Value}
	case *streams.AttributeValueMemberNULL:
		return &types.AttributeValueMemberNULL{Value: value.Value}
	case *streams.AttributeValueMemberL:
		list := make([]types.AttributeValue, len(value.Value))
		for i, element := range value.Value {
			list[i] = fromStreamValue(element)
		}
		return &types.AttributeValueMemberL{Value: list}
	case *streams.AttributeValueMemberM:
		return &types.AttributeValueMemberM{Value: fromStream(value.Value)}
	default:
		return nil
	}
}
