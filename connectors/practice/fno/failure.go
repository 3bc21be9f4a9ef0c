package fno

import (
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"strings"

	"dualwrite/connectors/practice/service"
)

// problem is an error as the service tells it. With text alone it has the shape
// of a routing error, else of an error of the application, with an inner one.
type problem struct {
	status int
	text   string
	inner  string
	kind   string // of the inner error
}

func (p *problem) Error() string { return p.text + p.inner }

const (
	kindExecution = "Microsoft.Dynamics.Platform.Integration.Services.OData.ODataExecutionException"
	kindOperation = "System.InvalidOperationException"
	kindOData     = "Microsoft.OData.ODataException"
	noResources   = "No resources were found when selecting for update."
)

// noResource is an address that leads nowhere.
func (c *call) noResource() error {
	return &problem{status: http.StatusNotFound, text: "No HTTP resource was found that matches the request URI '" + c.Origin + c.Path + "'."}
}

// missing is a change of a record that is not there, or not in the company.
func missing() error {
	return &problem{status: http.StatusBadRequest, inner: noResources, kind: kindOperation}
}

// innerError is what the application tells of its error.
type innerError struct {
	Message string `json:"message"`
	Type    string `json:"type"`
	Stack   string `json:"stacktrace"`
}

// outerError is the error around it, which is always the same.
type outerError struct {
	Code    string     `json:"code"`
	Message string     `json:"message"`
	Inner   innerError `json:"innererror"`
}

const stack = "   at Microsoft.Dynamics.Platform.Integration.Services.OData.Update.UpdateProcessor.ApplyChanges(ODataContext context)\r\n" +
	"   at Microsoft.Dynamics.Platform.Integration.Services.OData.Update.ChangeInfo.TrySave()\r\n   at System.Web.OData.Batch.ODataBatchHandler.SendMessageAsync()"

func (p *problem) response() *service.Response {
	var body any = map[string]string{"Message": p.text}
	if p.inner != "" {
		body = map[string]outerError{"error": {Message: "An error has occurred.", Inner: innerError{p.inner, p.kind, stack}}}
	}
	encoded, err := json.Marshal(body)
	if err != nil {
		encoded = nil // texts always encode
	}
	return service.Reply(p.status, encoded, "Content-Type", "application/json; charset=utf-8")
}

// Refuse answers with an error of the server itself.
func (s *Server) Refuse(status int) *service.Response {
	text := http.StatusText(status)
	switch status {
	case http.StatusTooManyRequests:
		text = "This request could not be processed at this time due to system experiencing high resource utilization."
	case http.StatusServiceUnavailable:
		return service.Reply(status, []byte("<html><head><title>503</title></head><body>The service is unavailable.</body></html>"), "Content-Type", "text/html")
	}
	return (&problem{status: status, text: text}).response()
}

// failure puts any error into the dialect.
func (c *call) failure(err error) *service.Response {
	var told *problem
	if errors.As(err, &told) {
		return told.response()
	}
	var r *service.Refusal
	if !errors.As(err, &r) {
		return (&problem{status: http.StatusInternalServerError, inner: err.Error(), kind: kindOperation}).response()
	}
	switch r.Kind {
	case service.BadFilter:
		return (&problem{status: http.StatusBadRequest, inner: "The query specified in the URI is not valid. " + r.Message, kind: kindOData}).response()
	case service.UnknownField:
		return (&problem{status: http.StatusBadRequest, inner: fmt.Sprintf("The query specified in the URI is not valid. Could not find a property named '%s' on type 'Microsoft.Dynamics.DataEntities.%s'.", r.Value, r.Entity.Name), kind: kindOData}).response()
	case service.WrongType:
		return (&problem{status: http.StatusBadRequest, inner: fmt.Sprintf("Cannot convert the literal '%s' of the property '%s' to the expected type '%s'.", r.Value, r.Field.Name, edmType(r.Field)), kind: kindOData}).response()
	case service.NoCompany:
		return (&problem{status: http.StatusBadRequest, inner: fmt.Sprintf("Company '%s' does not exist.", r.Value), kind: kindExecution}).response()
	}
	return (&problem{status: http.StatusBadRequest, inner: infolog(r), kind: kindExecution}).response()
}

// infolog is what the business logic says of a record that it does not take.
func infolog(r *service.Refusal) string {
	name, what := "", ""
	if r.Entity != nil {
		name = r.Entity.Name
	}
	switch r.Kind {
	case service.Missing:
		what = fmt.Sprintf("Warning: Field '%s' must be filled in.", r.Field.Label)
	case service.TooLong:
		what = fmt.Sprintf("Error: The value in field '%s' is longer than %d characters.", r.Field.Name, r.Field.Length)
	case service.OutOfRange:
		what = fmt.Sprintf("Error: The value %s in field '%s' is not within the valid range.", r.Value, r.Field.Name)
	case service.Duplicate:
		what = fmt.Sprintf("Error: Cannot create a record in %s. %s. The record already exists.", r.Entity.Label, keyNames(r))
	case service.InUse:
		what = "Error: The record cannot be deleted because dependent records exist."
	default:
		what = "Error: " + r.Message
	}
	return "Write failed for table row of type '" + name + "Entity'. Infolog: " + what
}

func keyNames(r *service.Refusal) string {
	if r.Key == nil {
		return "RecId"
	}
	return strings.Join(r.Key.Fields, ", ")
}
