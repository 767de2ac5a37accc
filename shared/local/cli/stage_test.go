package cli_test

import (
	"bufio"
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"maps"
	"net"
	"net/http"
	"net/http/cookiejar"
	"net/url"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"sync"
	"sync/atomic"
	"syscall"
	"time"

	gosmtp "github.com/emersion/go-smtp"
	"github.com/rogpeppe/go-internal/testscript"

	"convoke/shared/local/mailbox"
	"convoke/shared/platform/paper/papertest"
)

// stage is what the commands of one script share.
type stage struct {
	env        *testscript.Env
	serveFlags []string
	client     *http.Client
	process    *exec.Cmd
	answer     *http.Response // the last one, its body read
	body       []byte
	letters    atomic.Int64
}

type stageKey struct{}

func newStage(env *testscript.Env, serveFlags func() []string) *stage {
	jar, _ := cookiejar.New(nil) // it fails only with options
	return &stage{env: env, serveFlags: serveFlags(), client: &http.Client{
		Jar: jar, Timeout: time.Minute, CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse },
	}}
}

// with makes a testscript command of a method. Inverted commands get what they
// want by failing.
func with(do func(*stage, *testscript.TestScript, []string) error) func(*testscript.TestScript, bool, []string) {
	return func(ts *testscript.TestScript, neg bool, args []string) {
		err := do(ts.Value(stageKey{}).(*stage), ts, args)
		if neg && err == nil {
			ts.Fatalf("succeeded, and should not have")
		}
		if !neg {
			ts.Check(err)
		}
	}
}

// lines hands each line written to it to see.
type lines struct {
	mu  sync.Mutex
	all bytes.Buffer
}

func (l *lines) Write(p []byte) (int, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.all.Write(p)
}

func (l *lines) String() string {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.all.String()
}

var openLine = regexp.MustCompile(`^\s+Open\s+(\S+)$`)

func (s *stage) serve(ts *testscript.TestScript, args []string) error {
	if s.process != nil {
		return errors.New("a process is serving already")
	}
	program, err := inPath(ts.Getenv("PATH"), "convoke")
	if err != nil {
		return err
	}
	args = slices.Concat([]string{"--data", "data", "serve", "--listen", "127.0.0.1:0"}, s.serveFlags, args)
	log := &lines{}
	s.process = exec.Command(program, args...)
	s.process.Dir, s.process.Env, s.process.Stderr = ts.MkAbs("."), s.env.Vars, log
	out, err := s.process.StdoutPipe()
	if err != nil {
		return err
	}
	if err := s.process.Start(); err != nil {
		return err
	}
	ts.Defer(func() {
		s.kill()
		ts.Logf("[log of serve]\n%s", log)
	})
	for scanner := bufio.NewScanner(out); scanner.Scan(); {
		if m := openLine.FindStringSubmatch(scanner.Text()); m != nil {
			ts.Setenv("URL", m[1])
			go func() { _, _ = io.Copy(io.Discard, out) }()
			return s.send(ts, "GET", m[1]+"/healthz", nil, nil)
		}
	}
	_ = s.process.Wait() // its log says why
	s.process = nil
	return fmt.Errorf("serve ended before it answered: %s", log)
}

func inPath(path, name string) (string, error) {
	for _, dir := range filepath.SplitList(path) {
		if info, err := os.Stat(filepath.Join(dir, name)); err == nil && !info.IsDir() {
			return filepath.Join(dir, name), nil
		}
	}
	return "", fmt.Errorf("%s is not in %s", name, path)
}

func (s *stage) kill() {
	if s.process == nil {
		return
	}
	_ = s.process.Process.Kill()
	_ = s.process.Wait()
	s.process = nil
}

func (s *stage) stop(*testscript.TestScript, []string) error {
	if s.process == nil {
		return errors.New("nothing is serving")
	}
	if err := s.process.Process.Signal(syscall.SIGTERM); err != nil {
		return err
	}
	err := s.process.Wait()
	s.process = nil
	return err
}

// sanctions imports the list into the table of the story.
func (s *stage) sanctions(ts *testscript.TestScript, args []string) error {
	if s.process != nil || len(args) != 1 {
		return errors.New("usage: sanctions FILE, while nothing is serving")
	}
	program, err := inPath(ts.Getenv("PATH"), "convoke")
	if err != nil {
		return err
	}
	c := exec.Command(program, slices.Concat([]string{"--data", "data", "import", "sanctions"}, s.serveFlags, args)...)
	c.Dir, c.Env = ts.MkAbs("."), s.env.Vars
	out, err := c.CombinedOutput()
	fmt.Fprintf(ts.Stdout(), "%s", out)
	return err
}

func (s *stage) http(ts *testscript.TestScript, args []string) error {
	header := http.Header{}
	for len(args) > 1 && args[0] == "-H" {
		name, value, ok := strings.Cut(args[1], ":")
		if !ok {
			return fmt.Errorf("no header field: %q", args[1])
		}
		header.Add(name, strings.TrimSpace(value))
		args = args[2:]
	}
	if len(args) < 2 || len(args) > 3 {
		return errors.New("usage: http [-H 'NAME: VALUE']... METHOD PATH [FILE]")
	}
	if token := ts.Getenv("TOKEN"); token != "" && header.Get("Authorization") == "" {
		header.Set("Authorization", "Bearer "+token)
	}
	address := args[1]
	if strings.HasPrefix(address, "/") {
		address = ts.Getenv("URL") + address
	}
	var body []byte
	if len(args) == 3 {
		body = content(ts, args[2], header)
	}
	if err := s.send(ts, args[0], address, header, body); err != nil {
		return err
	}
	return s.print(ts.Stdout())
}

var variable = regexp.MustCompile(`\$\{(\w+)\}`)

// content returns the body of a request from a file.
func content(ts *testscript.TestScript, file string, header http.Header) []byte {
	text := variable.ReplaceAllStringFunc(ts.ReadFile(file), func(v string) string { return ts.Getenv(v[2 : len(v)-1]) })
	kind := "application/json"
	if strings.HasSuffix(file, ".form") {
		form := url.Values{}
		for line := range strings.Lines(text) {
			name, value, _ := strings.Cut(strings.TrimRight(line, "\r\n"), "=")
			form.Add(name, value)
		}
		text, kind = form.Encode(), "application/x-www-form-urlencoded"
	}
	if header.Get("Content-Type") == "" {
		header.Set("Content-Type", kind)
	}
	return []byte(text)
}

func (s *stage) send(ts *testscript.TestScript, method, address string, header http.Header, body []byte) error {
	r, err := http.NewRequest(method, address, bytes.NewReader(body))
	if err != nil {
		return err
	}
	maps.Copy(r.Header, header)
	r.Host = r.Header.Get("Host") // empty is that of the address
	answer, err := s.client.Do(r)
	if err != nil {
		return err
	}
	defer answer.Body.Close()
	s.answer = answer
	s.body, err = io.ReadAll(answer.Body)
	return err
}

func (s *stage) print(w io.Writer) error {
	fmt.Fprintf(w, "HTTP %d\n", s.answer.StatusCode)
	for _, name := range slices.Sorted(maps.Keys(s.answer.Header)) {
		fmt.Fprintf(w, "%s: %s\n", name, strings.Join(s.answer.Header[name], ", "))
	}
	_, err := fmt.Fprintf(w, "\n%s\n", s.body)
	return err
}

func (s *stage) jsonget(ts *testscript.TestScript, args []string) error {
	if len(args) != 2 {
		return errors.New("usage: jsonget POINTER NAME")
	}
	dec := json.NewDecoder(bytes.NewReader(s.body))
	dec.UseNumber()
	var v any
	if err := dec.Decode(&v); err != nil {
		return fmt.Errorf("the last answer is no JSON: %w", err)
	}
	unescape := strings.NewReplacer("~1", "/", "~0", "~")
	for token := range strings.SplitSeq(strings.TrimPrefix(args[0], "/"), "/") {
		var there bool
		if v, there = member(v, unescape.Replace(token)); !there {
			return fmt.Errorf("nothing is at %s in %s", args[0], s.body)
		}
	}
	text, ok := v.(string)
	if !ok {
		raw, err := json.Marshal(v)
		if err != nil {
			return err
		}
		text = string(raw)
	}
	ts.Setenv(args[1], text)
	return nil
}

func member(v any, token string) (any, bool) {
	switch v := v.(type) {
	case map[string]any:
		m, ok := v[token]
		return m, ok
	case []any:
		i, err := strconv.Atoi(token)
		if err != nil || i < 0 || i >= len(v) {
			return nil, false
		}
		return v[i], true
	}
	return nil, false
}

func (s *stage) header(ts *testscript.TestScript, args []string) error {
	if len(args) != 2 || s.answer == nil || s.answer.Header.Get(args[0]) == "" {
		return fmt.Errorf("usage: header FIELD NAME, after an answer that has it: %v", args)
	}
	ts.Setenv(args[1], s.answer.Header.Get(args[0]))
	return nil
}

var tokenArea = regexp.MustCompile(`<textarea id="token"[^>]*>([^<]+)</textarea>`)

func (s *stage) token(ts *testscript.TestScript, args []string) error {
	if len(args) < 1 || len(args) > 2 {
		return errors.New("usage: token ROLE [UNIT]")
	}
	form := url.Values{"role": {args[0]}, "unit": args[1:]}
	header := http.Header{"Content-Type": {"application/x-www-form-urlencoded"}}
	if err := s.send(ts, "POST", ts.Getenv("URL")+"/dev/sign-in", header, []byte(form.Encode())); err != nil {
		return err
	}
	m := tokenArea.FindSubmatch(s.body)
	if m == nil {
		return fmt.Errorf("no token: %s", s.body)
	}
	ts.Setenv("TOKEN", string(m[1]))
	return nil
}

func box(ts *testscript.TestScript) *mailbox.Box {
	folder := ts.Getenv("MAIL")
	if folder == "" {
		folder = "data/mail"
	}
	return mailbox.Open(ts.MkAbs(folder))
}

func (s *stage) eml(ts *testscript.TestScript, args []string) error {
	if len(args) != 1 && len(args) != 3 {
		return errors.New("usage: eml ADDRESS [PREFIX NAME]")
	}
	m, err := box(ts).Newest(args[0])
	if err != nil {
		return fmt.Errorf("mail to %s: %w", args[0], err)
	}
	fmt.Fprintf(ts.Stdout(), "Subject: %s\n\n%s\n%s\n", m.Subject, m.Text, m.Calendar)
	if len(args) == 1 {
		return nil
	}
	link := m.Link(args[1])
	if link == "" {
		return fmt.Errorf("no link to %s in %s", args[1], m.Text)
	}
	ts.Setenv(args[2], link)
	return nil
}

// paper prints what the paper says that came with the newest mail to somebody.
func (s *stage) paper(ts *testscript.TestScript, args []string) error {
	if len(args) != 2 {
		return errors.New("usage: paper ADDRESS FILE")
	}
	m, err := box(ts).Newest(args[0])
	if err != nil {
		return fmt.Errorf("mail to %s: %w", args[0], err)
	}
	_, raw, err := box(ts).Attachment(m.ID, args[1])
	if err != nil {
		return fmt.Errorf("%s in %q: %w", args[1], m.Subject, err)
	}
	p, err := papertest.Read(raw)
	if err != nil {
		return err
	}
	fmt.Fprintf(ts.Stdout(), "Title: %s\nLang: %s\n%s\n", p.Info["Title"], p.Lang, p.Text())
	return nil
}

func (s *stage) mails(ts *testscript.TestScript, args []string) error {
	if len(args) != 2 {
		return errors.New("usage: mails ADDRESS COUNT")
	}
	ids, err := box(ts).Names()
	if err != nil {
		return err
	}
	n := 0
	for _, id := range ids {
		if m, err := box(ts).Message(id); err == nil && m.To == args[0] {
			n++
		}
	}
	if strconv.Itoa(n) != args[1] {
		return fmt.Errorf("%d mails to %s, want %s", n, args[0], args[1])
	}
	return nil
}

// sink is a mail server for a script.
type sink struct {
	stage   *stage
	folder  string
	refuses bool
}

func (s *stage) smtp(ts *testscript.TestScript, args []string) error {
	if len(args) != 1 || args[0] != "accept" && args[0] != "refuse" {
		return errors.New("usage: smtp accept|refuse")
	}
	folder := ts.MkAbs("smtp")
	if err := os.MkdirAll(folder, 0o700); err != nil {
		return err
	}
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return err
	}
	server := gosmtp.NewServer(&sink{s, folder, args[0] == "refuse"})
	server.Domain = "localhost"
	go func() { _ = server.Serve(listener) }()
	ts.Defer(func() { _ = server.Close() })
	ts.Setenv("SMTP", listener.Addr().String())
	return nil
}

// NewSession implements gosmtp.Backend.
func (k *sink) NewSession(*gosmtp.Conn) (gosmtp.Session, error) { return k, nil }

// Mail implements gosmtp.Session.
func (k *sink) Mail(string, *gosmtp.MailOptions) error { return nil }

// Rcpt implements gosmtp.Session.
func (k *sink) Rcpt(string, *gosmtp.RcptOptions) error {
	if k.refuses {
		return &gosmtp.SMTPError{Code: 550, EnhancedCode: gosmtp.EnhancedCode{5, 1, 1}, Message: "no such mailbox"}
	}
	return nil
}

// Data implements gosmtp.Session.
func (k *sink) Data(r io.Reader) error {
	raw, err := io.ReadAll(r)
	if err != nil {
		return err
	}
	return os.WriteFile(filepath.Join(k.folder, fmt.Sprintf("%06d.eml", k.stage.letters.Add(1))), raw, 0o600)
}

// Reset implements gosmtp.Session.
func (k *sink) Reset() {}

// Logout implements gosmtp.Session.
func (k *sink) Logout() error { return nil }

func damage(ts *testscript.TestScript, _ bool, args []string) {
	edit(ts, args, func(file *os.File, size int64) error {
		_, err := file.WriteAt(bytes.Repeat([]byte{0xA5}, 64), size/2)
		return err
	})
}

func cut(ts *testscript.TestScript, _ bool, args []string) {
	edit(ts, args, func(file *os.File, size int64) error { return file.Truncate(size / 2) })
}

func edit(ts *testscript.TestScript, args []string, fn func(file *os.File, size int64) error) {
	if len(args) != 1 {
		ts.Fatalf("usage: damage|cut FILE")
	}
	found, err := filepath.Glob(ts.MkAbs(args[0]))
	if err != nil || len(found) == 0 {
		ts.Fatalf("no file %s (%v)", args[0], err)
	}
	file, err := os.OpenFile(found[0], os.O_RDWR, 0)
	ts.Check(err)
	info, err := file.Stat()
	ts.Check(err)
	ts.Check(errors.Join(fn(file, info.Size()), file.Close()))
}
