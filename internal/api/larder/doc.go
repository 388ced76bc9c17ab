// Package larder is the wire contract of the service that is our own: what AWS
// has no call for. A value for each operation and the structs that they take
// and answer are made from model.json, as those of AWS's services are, and so
// is service-2.json, from which AWS's command line learns the service.
//
// It has no behaviour. internal/control/larder serves the operations.
package larder

import _ "embed" // for the model

//go:generate go run larder.example/larder/tools/apigen .

// Botocore is the service's model in the form that "aws configure add-model"
// takes.
//
//go:embed service-2.json
var Botocore string
