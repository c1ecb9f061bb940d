// Faults of a Go fulfilment service.
package main

import (
	"bufio"
	"bytes"
	"compress/gzip"
	"context"
	"crypto/tls"
	"encoding/base64"
	"encoding/csv"
	"encoding/hex"
	"encoding/json"
	"encoding/xml"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/mail"
	"net/url"
	"os"
	"os/exec"
	"plugin"
	"regexp"
	"runtime/debug"
	"strconv"
	"strings"
	"sync"
	"syscall"
	"time"
)

var (
	dir   = os.Getenv("LAB_DIR")
	httpd = "http://" + os.Getenv("LAB_HTTP")
	n     = os.Getenv("LAB_N")
)

var (
	errStale     = errors.New("shipment changed since it was read")
	errForbidden = errors.New("packer may not change prices")
	errQuota     = errors.New("carrier quota for today is used up")
	errBreaker   = errors.New("circuit breaker is open")
	errNoRows    = errors.New("sql: no rows in result set")
	errPool      = errors.New("timed out waiting for a free connection, 20 of 20 in use")
)

type shipment struct {
	ID    int    `json:"id"`
	Label *label `json:"label"`
}
type label struct{ Carrier string }

type statusError struct {
	method, url string
	code        int
}

func (e *statusError) Error() string {
	return fmt.Sprintf("%s %s: unexpected status %d %s", e.method, e.url, e.code, http.StatusText(e.code))
}

func get(path string, timeout time.Duration) error {
	client := http.Client{Timeout: timeout}
	response, err := client.Get(httpd + path)
	if err != nil {
		return err
	}
	defer response.Body.Close()
	if response.StatusCode >= 400 {
		return &statusError{"GET", path, response.StatusCode}
	}
	var rate map[string]any
	return json.NewDecoder(response.Body).Decode(&rate)
}

func talk(address string) error {
	conn, err := net.DialTimeout("tcp", os.Getenv(address), time.Second)
	if err != nil {
		return err
	}
	defer conn.Close()
	conn.SetDeadline(time.Now().Add(200 * time.Millisecond))
	fmt.Fprintf(conn, "HELLO %s\r\n", n)
	_, err = bufio.NewReader(conn).ReadString('\n')
	return err
}

func withContext(path string) error {
	ctx, cancel := context.WithTimeout(context.Background(), 80*time.Millisecond)
	defer cancel()
	request, _ := http.NewRequestWithContext(ctx, "GET", httpd+path, nil)
	_, err := http.DefaultClient.Do(request)
	return err
}

func overflow(depth int) int { return overflow(depth+1) + 1 }

func checked(name, want, got string) error {
	if want != got {
		return fmt.Errorf("%s: checksum mismatch: want %s, got %s", name, want, got)
	}
	return nil
}

var faults = map[string]func() error{
	// fault client-timeout: timeout
	"client-timeout": func() error { return get("/stall", 300*time.Millisecond) },
	// fault context-deadline: timeout
	"context-deadline": func() error { return withContext("/stall") },
	// fault io-timeout: timeout
	"io-timeout": func() error { return talk("LAB_SILENT") },
	// fault deadline-words: timeout
	"deadline-words": func() error { return fmt.Errorf("route planner gave no answer within %dms", 250) },
	// fault exec-deadline: timeout
	"exec-deadline": func() error {
		ctx, cancel := context.WithTimeout(context.Background(), 50*time.Millisecond)
		defer cancel()
		if err := exec.CommandContext(ctx, "sleep", "5").Run(); err != nil {
			return fmt.Errorf("convert label %s: %w (%v)", n, ctx.Err(), err)
		}
		return nil
	},
	// fault dial-refused: connectivity
	"dial-refused": func() error { return talk("LAB_REFUSED") },
	// fault http-refused: connectivity
	"http-refused": func() error { _, err := http.Get("http://" + os.Getenv("LAB_REFUSED") + "/v1/stock"); return err },
	// fault lookup-fails: connectivity
	"lookup-fails": func() error { _, err := net.LookupHost("carrier-" + n + ".invalid"); return err },
	// fault read-reset: connectivity
	"read-reset": func() error { return talk("LAB_RESET") },
	// fault unexpected-eof: connectivity
	"unexpected-eof": func() error { _, err := http.Get("http://" + os.Getenv("LAB_CLOSING")); return err },
	// fault malformed-response: connectivity or serialization
	"malformed-response": func() error { _, err := http.Get("http://" + os.Getenv("LAB_GARBAGE")); return err },
	// fault x509-unknown: connectivity or configuration
	"x509-unknown": func() error { _, err := http.Get("https://" + os.Getenv("LAB_TLS")); return err },
	// fault tls-record: connectivity
	"tls-record": func() error {
		_, err := tls.Dial("tcp", os.Getenv("LAB_GARBAGE"), &tls.Config{InsecureSkipVerify: true})
		return err
	},
	// fault https-to-http: connectivity or configuration
	"https-to-http": func() error { _, err := http.Get("https://" + os.Getenv("LAB_HTTP")); return err },
	// fault use-of-closed: code_defect or connectivity
	"use-of-closed": func() error {
		conn, err := net.Dial("tcp", os.Getenv("LAB_SILENT"))
		if err != nil {
			return err
		}
		conn.Close()
		_, err = conn.Write([]byte("x"))
		return err
	},
	// fault status-503: dependency_unavailable
	"status-503": func() error { return get("/status/503", 6*time.Second) },
	// fault status-502: dependency_unavailable
	"status-502": func() error { return get("/status/502", 6*time.Second) },
	// fault breaker: dependency_unavailable
	"breaker": func() error { return errBreaker },
	// fault grpc-unavailable: dependency_unavailable
	"grpc-unavailable": func() error { return errors.New("rpc error: code = Unavailable desc = no healthy upstream") },
	// fault status-429: rate_limited
	"status-429": func() error { return get("/status/429", 6*time.Second) },
	// fault quota: rate_limited
	"quota": func() error { return errQuota },
	// fault limiter-wait: rate_limited or timeout
	"limiter-wait": func() error { return errors.New("rate: Wait(n=1) would exceed context deadline") },
	// fault status-401: access_denied
	"status-401": func() error { return get("/status/401", 6*time.Second) },
	// fault status-403: access_denied
	"status-403": func() error { return get("/status/403", 6*time.Second) },
	// fault open-permission: access_denied
	"open-permission": func() error { _, err := os.ReadFile(dir + "/secret.txt"); return err },
	// fault mkdir-permission: access_denied
	"mkdir-permission": func() error { return os.Mkdir(dir+"/sealed/out", 0o755) },
	// fault kill-not-permitted: access_denied
	"kill-not-permitted": func() error { return os.NewSyscallError("kill", syscall.Kill(1, syscall.SIGTERM)) },
	// fault forbidden: access_denied
	"forbidden": func() error { return fmt.Errorf("user %s: %w", n, errForbidden) },
	// fault parse-int: invalid_input
	"parse-int": func() error { _, err := strconv.Atoi("12 pcs"); return err },
	// fault parse-range: invalid_input
	"parse-range": func() error { _, err := strconv.ParseInt("99999999999999999999", 10, 64); return err },
	// fault parse-time: invalid_input
	"parse-time": func() error { _, err := time.Parse(time.RFC3339, "2024-13-01"); return err },
	// fault parse-duration: invalid_input or configuration
	"parse-duration": func() error { _, err := time.ParseDuration("5 minutes"); return err },
	// fault parse-url: invalid_input
	"parse-url": func() error { _, err := url.Parse("http://[::1"); return err },
	// fault parse-mail: invalid_input
	"parse-mail": func() error { _, err := mail.ParseAddress("anna at example"); return err },
	// fault field-required: invalid_input
	"field-required": func() error {
		return errors.New("Key: 'CreateShipment.Zip' Error:Field validation for 'Zip' failed on the 'required' tag")
	},
	// fault status-422: invalid_input
	"status-422": func() error { return get("/status/422", 6*time.Second) },
	// fault status-404: not_found
	"status-404": func() error { return get("/status/404", 6*time.Second) },
	// fault open-missing: not_found
	"open-missing": func() error { _, err := os.Open("/srv/data/route-" + n + ".json"); return err },
	// fault no-rows: not_found
	"no-rows": func() error { return fmt.Errorf("load parcel %s: %w", n, errNoRows) },
	// fault stale: conflict
	"stale": func() error { return errStale },
	// fault already-exists: conflict
	"already-exists": func() error { return os.Mkdir(dir, 0o755) },
	// fault create-exclusive: conflict
	"create-exclusive": func() error {
		_, err := os.OpenFile(dir+"/cut.json", os.O_CREATE|os.O_EXCL|os.O_RDONLY, 0o644)
		return err
	},
	// fault status-409: conflict
	"status-409": func() error { return get("/status/409", 6*time.Second) },
	// fault flock-busy: conflict
	"flock-busy": func() error {
		first, err := os.Create("wave-" + n + ".lock")
		if err != nil {
			return err
		}
		syscall.Flock(int(first.Fd()), syscall.LOCK_EX)
		second, _ := os.Open(first.Name())
		if err := syscall.Flock(int(second.Fd()), syscall.LOCK_EX|syscall.LOCK_NB); err != nil {
			return fmt.Errorf("wave %s is picked by another process: %w", n, err)
		}
		return nil
	},
	// fault device-full: resource_exhausted
	"device-full": func() error { return os.WriteFile("/dev/full", bytes.Repeat([]byte("x"), 9000), 0o644) },
	// fault too-many-files: resource_exhausted (nofile=24)
	"too-many-files": func() error {
		for {
			if _, err := os.Open("/dev/null"); err != nil {
				return err
			}
		}
	},
	// fault accept-exhausted: resource_exhausted (nofile=24)
	"accept-exhausted": func() error {
		for {
			if _, err := net.Dial("tcp", os.Getenv("LAB_SILENT")); err != nil {
				return err
			}
		}
	},
	// fault out-of-memory: resource_exhausted or crash (as=1200000000)
	"out-of-memory": func() error { big := make([]byte, 3_000_000_000); return errors.New(string(big[:1])) },
	// fault stack-overflow: resource_exhausted or code_defect, crash
	"stack-overflow": func() error { debug.SetMaxStack(1 << 20); overflow(0); return nil },
	// fault pool-wait: resource_exhausted or timeout
	"pool-wait": func() error { return errPool },
	// fault gzip-checksum: data_integrity or serialization
	"gzip-checksum": func() error {
		file, _ := os.Open(dir + "/crc.gz")
		reader, err := gzip.NewReader(file)
		if err != nil {
			return err
		}
		_, err = io.ReadAll(reader)
		return err
	},
	// fault gzip-cut: data_integrity or serialization
	"gzip-cut": func() error {
		file, _ := os.Open(dir + "/cut.gz")
		reader, err := gzip.NewReader(file)
		if err != nil {
			return err
		}
		_, err = io.ReadAll(reader)
		return err
	},
	// fault checksum: data_integrity
	"checksum": func() error { return checked("manifest-"+n, "9f2c77", "01ab03") },
	// fault module-sum: data_integrity or configuration
	"module-sum": func() error {
		return errors.New("verifying example.com/labels@v1.4.2: checksum mismatch\n\tdownloaded: h1:Zk0=\n\tgo.sum:     h1:9aQ=")
	},
	// fault executable-missing: configuration
	"executable-missing": func() error { return exec.Command("zpl-render").Run() },
	// fault address-in-use: configuration
	"address-in-use": func() error { _, err := net.Listen("tcp", os.Getenv("LAB_HTTP")); return err },
	// fault env-unset: configuration
	"env-unset": func() error {
		if os.Getenv("CARRIER_API_KEY") == "" {
			return errors.New("CARRIER_API_KEY is not set")
		}
		return nil
	},
	// fault plugin-missing: configuration
	"plugin-missing": func() error { _, err := plugin.Open("/opt/fulfilment/zebra.so"); return err },
	// fault exec-format: configuration
	"exec-format": func() error {
		os.WriteFile("tool-"+n, []byte("\x7fELFnot really"), 0o755)
		return exec.Command("./tool-" + n).Run()
	},
	// fault flag-unknown: configuration or invalid_input
	"flag-unknown": func() error { return errors.New("flag provided but not defined: -worker-count") },
	// fault json-cut: serialization
	"json-cut": func() error {
		text, _ := os.ReadFile(dir + "/cut.json")
		var into shipment
		return json.Unmarshal(text, &into)
	},
	// fault json-html: serialization
	"json-html": func() error { return get("/html", 6*time.Second) },
	// fault json-empty: serialization
	"json-empty": func() error { return get("/empty", 6*time.Second) },
	// fault json-wrong-type: serialization or invalid_input
	"json-wrong-type": func() error { var into shipment; return json.Unmarshal([]byte(`{"id":"a17"}`), &into) },
	// fault json-channel: serialization or code_defect
	"json-channel": func() error { _, err := json.Marshal(make(chan int)); return err },
	// fault xml-broken: serialization
	"xml-broken": func() error {
		text, _ := os.ReadFile(dir + "/bad.xml")
		var into struct{ Lines []string }
		return xml.Unmarshal(text, &into)
	},
	// fault csv-broken: serialization
	"csv-broken": func() error {
		file, _ := os.Open(dir + "/bad.csv")
		_, err := csv.NewReader(file).ReadAll()
		return err
	},
	// fault csv-fields: serialization or invalid_input
	"csv-fields": func() error { _, err := csv.NewReader(strings.NewReader("a,b\n1\n")).ReadAll(); return err },
	// fault base64-broken: serialization
	"base64-broken": func() error { _, err := base64.StdEncoding.DecodeString("abc$"); return err },
	// fault hex-broken: serialization or invalid_input
	"hex-broken": func() error { _, err := hex.DecodeString("zz"); return err },
	// fault proto-wire: serialization
	"proto-wire": func() error { return errors.New("proto: cannot parse invalid wire-format data") },
	// fault nil-pointer: code_defect
	"nil-pointer": func() error { s := shipment{ID: 1}; fmt.Println(s.Label.Carrier); return nil },
	// fault nil-map: code_defect
	"nil-map": func() error { var counts map[string]int; counts["a"]++; return nil },
	// fault index-range: code_defect
	"index-range": func() error { lines := []int{1, 2}; i := len(n) + 5; fmt.Println(lines[i]); return nil },
	// fault slice-bounds: code_defect
	"slice-bounds": func() error { i := len(n) + 5; fmt.Println("abc"[i:]); return nil },
	// fault divide-zero: code_defect
	"divide-zero": func() error { zero := len(n) - len(n); fmt.Println(7 / zero); return nil },
	// fault type-assertion: code_defect
	"type-assertion": func() error { var any any = n; fmt.Println(any.(int)); return nil },
	// fault closed-channel: code_defect
	"closed-channel": func() error { c := make(chan int); close(c); c <- 1; return nil },
	// fault negative-counter: code_defect
	"negative-counter": func() error { var w sync.WaitGroup; w.Done(); return nil },
	// fault all-asleep: code_defect
	"all-asleep": func() error { var m sync.Mutex; m.Lock(); m.Lock(); return nil },
	// fault unlock-unlocked: code_defect
	"unlock-unlocked": func() error { var m sync.Mutex; m.Unlock(); return nil },
	// fault bad-regexp: code_defect or configuration
	"bad-regexp": func() error { regexp.MustCompile("(ab"); return nil },
	// fault unreachable: code_defect
	"unreachable": func() error { panic(fmt.Sprintf("unreachable: shipment state %s", n)) },
	// fault not-implemented: code_defect
	"not-implemented": func() error { panic("TODO: implement cash on delivery") },
	// fault rpc-internal-nil: code_defect
	"rpc-internal-nil": func() error {
		return errors.New("rpc error: code = Internal desc = panic: runtime error: invalid memory address or nil pointer dereference")
	},
	// fault child-killed: crash
	"child-killed": func() error { return exec.Command("sh", "-c", "kill -9 $$").Run() },
	// fault child-segv: crash
	"child-segv": func() error { return exec.Command("sh", "-c", "kill -11 $$").Run() },
	// fault sigsegv: crash
	"sigsegv": func() error { syscall.Kill(os.Getpid(), syscall.SIGSEGV); time.Sleep(time.Second); return nil },
	// fault sigabrt: crash
	"sigabrt": func() error { syscall.Kill(os.Getpid(), syscall.SIGABRT); time.Sleep(time.Second); return nil },
}

func report(kind, message, trace string) {
	fmt.Printf("@@type %s\n@@message %s\n@@trace\n%s\n@@end\n", kind, message, trace)
}

func main() {
	fault := faults[os.Args[1]]
	switch os.Getenv("LAB_MODE") {
	case "report":
		defer func() {
			if value := recover(); value != nil {
				report(fmt.Sprintf("%T", value), fmt.Sprint(value), "panic: "+fmt.Sprint(value)+"\n\n"+string(debug.Stack()))
			}
		}()
		if err := fault(); err != nil {
			report(fmt.Sprintf("%T", err), err.Error(), "")
		}
	case "wrap":
		if err := fault(); err != nil {
			wrapped := fmt.Errorf("wave %s left incomplete: %w", n, err)
			report(fmt.Sprintf("%T", wrapped), wrapped.Error(), "")
		}
	default:
		if err := fault(); err != nil {
			fmt.Fprintf(os.Stderr, "%s ERROR fulfilment: wave %s: %v\n", time.Now().UTC().Format("2006/01/02 15:04:05"), n, err)
			os.Exit(1)
		}
	}
}
