package cds

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"

	"dualwrite/connectors/practice/service"
)

// wireError is an error as the Web API tells it: a status, a code and a message.
type wireError struct {
	status  int
	code    string
	message string
}

func (e *wireError) Error() string { return e.message }

// The codes, named as the platform names them.
const (
	codeGeneral        = "0x80060888" // an error in the query
	codeNoSegment      = "0x8006088a"
	codeNoKeyRecord    = "0x80060891"
	codeNoObject       = "0x80040217"
	codeDuplicate      = "0x80040237"
	codeTooLong        = "0x80044331"
	codeOutOfRange     = "0x80044330"
	codePayload        = "0x80048d19"
	codeRequired       = "0x80040203"
	codePlugin         = "0x80040265" // a rule of the app aborted the write
	codeInUse          = "0x80040227"
	codeConcurrency    = "0x80060882"
	codeExpiredVersion = "0x80044352"
	codeRequests       = "0x80072322" // requests within five minutes
)

func notFoundSegment(name string) error {
	return &wireError{http.StatusNotFound, codeNoSegment, "Resource not found for the segment '" + name + "'."}
}

func notThere(e *service.Entity, id string) error {
	return &wireError{http.StatusNotFound, codeNoObject, fmt.Sprintf("Entity '%s' With Id = %s Does Not Exist", e.Name, id)}
}

func versionMoved() error {
	return &wireError{http.StatusPreconditionFailed, codeConcurrency, "The version of the existing record doesn't match the RowVersion property provided."}
}

// Refuse answers with an error of the server itself.
func (s *Server) Refuse(status int) *service.Response {
	message := map[int]*wireError{
		http.StatusNotFound:              {status, codeNoSegment, "Resource not found."},
		http.StatusTooManyRequests:       {status, codeRequests, "Number of requests exceeded the limit of 6000 over time window of 300 seconds."},
		http.StatusServiceUnavailable:    {status, "", "The service is unavailable."},
		http.StatusRequestEntityTooLarge: {status, "", "The request body is too large."},
	}[status]
	if message == nil {
		message = &wireError{status, "", http.StatusText(status)}
	}
	return message.response()
}

func (e *wireError) response() *service.Response {
	var body struct {
		Error struct {
			Code    string `json:"code"`
			Message string `json:"message"`
		} `json:"error"`
	}
	body.Error.Code, body.Error.Message = e.code, e.message
	encoded, err := json.Marshal(body)
	if err != nil {
		encoded = nil // texts always encode
	}
	return service.Reply(e.status, encoded, "Content-Type", "application/json; odata.metadata=minimal", "OData-Version", "4.0")
}

// failure puts any error into the dialect.
func failure(err error) *service.Response { return told(err).response() }

// told is an error as the Web API tells it.
func told(err error) *wireError {
	var wire *wireError
	if errors.As(err, &wire) {
		return wire
	}
	var refused *service.Refusal
	if errors.As(err, &refused) {
		return refusal(refused)
	}
	if errors.Is(err, context.Canceled) {
		return &wireError{http.StatusInternalServerError, "", "The call was given up."}
	}
	return &wireError{http.StatusInternalServerError, "0x80040216", "An unexpected error occurred. " + err.Error()}
}

// refusal puts what the app refuses into words and codes.
func refusal(r *service.Refusal) *wireError {
	switch r.Kind {
	case service.TooLong:
		return &wireError{http.StatusBadRequest, codeTooLong, fmt.Sprintf(
			"A validation error occurred. The length of the '%s' attribute of the '%s' entity exceeded the maximum allowed length of '%d'.", r.Field.Name, entityName(r), r.Field.Length)}
	case service.OutOfRange:
		return &wireError{http.StatusBadRequest, codeOutOfRange, fmt.Sprintf(
			"A validation error occurred. The value %s of '%s' on record of type '%s' is outside the valid range.", r.Value, r.Field.Name, entityName(r))}
	case service.Missing:
		return &wireError{http.StatusBadRequest, codeRequired, fmt.Sprintf(
			"A validation error occurred. The attribute '%s' of the '%s' entity is required and has no value.", r.Field.Name, entityName(r))}
	case service.WrongType:
		return &wireError{http.StatusBadRequest, codePayload, fmt.Sprintf(
			"Error identified in Payload provided by the user for Entity :'%s', InnerException: Microsoft.OData.ODataException: Cannot convert the value '%s' of the property '%s' to the expected type '%s'.",
			entityName(r), r.Value, r.Field.Name, edmType(r.Field))}
	case service.Duplicate:
		return &wireError{http.StatusPreconditionFailed, codeDuplicate, duplicateMessage(r)}
	case service.NoTarget:
		return &wireError{http.StatusNotFound, codeNoObject, fmt.Sprintf("Entity '%s' With Id = %s Does Not Exist", r.Entity.Name, r.Value)}
	case service.InUse:
		return &wireError{http.StatusMethodNotAllowed, codeInUse, "The record could not be deleted because of an association."}
	case service.Rule:
		return &wireError{http.StatusBadRequest, codePlugin, r.Message}
	case service.UnknownField:
		return &wireError{http.StatusBadRequest, codeGeneral, fmt.Sprintf("Could not find a property named '%s' on type 'Microsoft.Dynamics.CRM.%s'.", r.Value, r.Entity.Name)}
	}
	return &wireError{http.StatusBadRequest, codeGeneral, r.Message}
}

func entityName(r *service.Refusal) string {
	if r.Entity == nil {
		return ""
	}
	return r.Entity.Name
}

func duplicateMessage(r *service.Refusal) string {
	if r.Key == nil {
		return "Cannot insert duplicate key."
	}
	names := ""
	for i, f := range r.Key.Fields {
		if i > 0 {
			names += ", "
		}
		names += f
	}
	return fmt.Sprintf("A record that has the attribute values %s already exists. The entity key %s requires that this set of attributes contains unique values. Select unique values and try again.", names, r.Key.Name)
}
