package web

import (
	"context"
	"errors"
	"net/http"

	"github.com/labstack/echo/v4"

	"dualwrite/models"
	"dualwrite/views"
)

// Status is the HTTP status of each kind of error.
func Status(k models.Kind) int {
	status, ok := map[models.Kind]int{
		models.NotFound: http.StatusNotFound,
		models.Invalid:  http.StatusUnprocessableEntity,
		models.Conflict: http.StatusConflict,
		models.Fenced:   http.StatusConflict,
		models.Busy:     http.StatusServiceUnavailable,
	}[k]
	if !ok {
		return http.StatusInternalServerError
	}
	return status
}

// heading is the title of an error page.
func heading(status int) string {
	title, ok := map[int]string{
		http.StatusBadRequest:            "The request could not be read",
		http.StatusUnauthorized:          "Sign in first",
		http.StatusForbidden:             "Not allowed",
		http.StatusNotFound:              "Not found",
		http.StatusMethodNotAllowed:      "This page does not take that",
		http.StatusConflict:              "It changed meanwhile",
		http.StatusRequestEntityTooLarge: "Too large",
		http.StatusMisdirectedRequest:    "Unknown address",
		http.StatusUnprocessableEntity:   "This cannot be done as asked",
		http.StatusServiceUnavailable:    "Not available now",
	}[status]
	if !ok {
		return "Something went wrong"
	}
	return title
}

// judge gives the status of an error and what a person may read of it.
func judge(err error) (status int, message string) {
	var h *echo.HTTPError
	if !errors.As(err, &h) {
		return Status(models.KindOf(err)), models.MessageOf(err)
	}
	if text, ok := h.Message.(string); ok && text != http.StatusText(h.Code) {
		return h.Code, text
	}
	words := map[int]string{
		http.StatusNotFound:         "There is nothing at this address. It may have been deleted.",
		http.StatusMethodNotAllowed: "The address exists, but not for this kind of request.",
	}
	return h.Code, words[h.Code]
}

// fail answers a request that ended with an error. Only faults of the server
// are logged here, with the id that the page shows.
func (s *Server) fail(err error, c echo.Context) {
	if c.Response().Committed {
		return
	}
	status, message := judge(err)
	if errors.Is(err, context.Canceled) && c.Request().Context().Err() != nil {
		c.Response().WriteHeader(http.StatusServiceUnavailable) // the browser went away: nobody reads this
		return
	}
	if status >= http.StatusInternalServerError {
		s.log.Error("request failed", "id", idOf(c), "path", s.logged(c), "error", err)
	}
	if c.Request().Method == http.MethodHead {
		err = c.NoContent(status)
	} else {
		page := views.ErrorPage{Page: s.bare(c, heading(status)), Status: status, Message: message, RequestID: idOf(c)}
		err = Render(c, status, page.View())
	}
	if err != nil {
		s.log.Error("error page failed", "id", idOf(c), "error", err)
	}
}
