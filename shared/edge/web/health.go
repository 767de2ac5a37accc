package web

import "net/http"

// getHealth answers that the process runs, and which release. It asks nothing of
// what is behind it: a load balancer must not turn a slow table into an outage.
func (s *Server) getHealth(w http.ResponseWriter, _ *http.Request) error {
	return ok(w, map[string]string{"status": "ok", "release": s.Release})
}

func (s *Server) getOpenAPI(w http.ResponseWriter, _ *http.Request) error {
	w.Header().Set("Content-Type", "application/yaml; charset=utf-8")
	w.Header().Set("Cache-Control", "public, max-age=300")
	_, _ = w.Write(openAPI()) // the client may be gone
	return nil
}
