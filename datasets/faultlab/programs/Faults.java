// Faults of a Java booking service, on the JDK alone.
import java.io.*;
import java.math.BigDecimal;
import java.net.*;
import java.net.http.*;
import java.nio.ByteBuffer;
import java.nio.charset.*;
import java.nio.file.*;
import java.time.*;
import java.util.*;
import java.util.concurrent.*;
import java.util.function.Function;
import java.util.regex.Pattern;
import java.util.stream.*;
import java.util.zip.*;

public class Faults {
    static final String DIR = System.getenv("LAB_DIR"), HTTP = System.getenv("LAB_HTTP"), N = System.getenv("LAB_N");
    static class BookingException extends RuntimeException { BookingException(String m) { super(m); } BookingException(String m, Throwable c) { super(m, c); } }
    static class SeatTakenException extends BookingException { SeatTakenException(String m) { super(m); } }
    static class QuotaException extends BookingException { QuotaException(String m) { super(m); } }
    static class NotAllowedException extends BookingException { NotAllowedException(String m) { super(m); } }
    interface Fault { void run() throws Throwable; }
    enum Cabin { ECONOMY }
    record Seat(int row) { Seat { if (row < 1) throw new IllegalArgumentException("row must be at least 1, was " + row); } }
    static int port(String name) { return Integer.parseInt(System.getenv(name).split(":")[1]); }
    static int deep(int d) { return deep(d + 1) + 1; }
    static String get(String path) throws Exception { return get(path, 6000); }
    static String get(String path, int timeoutMs) throws Exception {
        var answer = HttpClient.newHttpClient().send(HttpRequest.newBuilder(URI.create("http://" + HTTP + path)).timeout(Duration.ofMillis(timeoutMs)).build(), HttpResponse.BodyHandlers.ofString());
        if (answer.statusCode() >= 400) throw new IOException("GET " + path + " -> HTTP " + answer.statusCode() + " " + answer.body());
        return answer.body();
    }
    static String open(String path) throws IOException { return new String(new URL("http://" + HTTP + path).openStream().readAllBytes()); }

    static final Map<String, Fault> FAULTS = new HashMap<>();
    static {
        // fault http-client-timeout: timeout
        FAULTS.put("http-client-timeout", () -> get("/stall", 300));
        // fault socket-read-timeout: timeout
        FAULTS.put("socket-read-timeout", () -> { var s = new Socket("127.0.0.1", port("LAB_SILENT")); s.setSoTimeout(100); s.getInputStream().read(); });
        // fault future-timeout: timeout
        FAULTS.put("future-timeout", () -> new CompletableFuture<String>().get(50, TimeUnit.MILLISECONDS));
        // fault or-timeout: timeout
        FAULTS.put("or-timeout", () -> new CompletableFuture<String>().orTimeout(50, TimeUnit.MILLISECONDS).join());
        // fault socket-refused: connectivity
        FAULTS.put("socket-refused", () -> new Socket("127.0.0.1", port("LAB_REFUSED")));
        // fault url-refused: connectivity
        FAULTS.put("url-refused", () -> new URL("http://" + System.getenv("LAB_REFUSED")).openStream());
        // fault host-unknown: connectivity
        FAULTS.put("host-unknown", () -> InetAddress.getByName("seats-" + N + ".invalid"));
        // fault connection-reset: connectivity
        FAULTS.put("connection-reset", () -> { var s = new Socket("127.0.0.1", port("LAB_RESET")); s.getOutputStream().write(1); s.getInputStream().read(); s.getInputStream().read(); });
        // fault unexpected-end: connectivity
        FAULTS.put("unexpected-end", () -> new URL("http://" + System.getenv("LAB_CLOSING")).openStream());
        // fault tls-path: connectivity or configuration
        FAULTS.put("tls-path", () -> new URL("https://" + System.getenv("LAB_TLS")).openStream());
        // fault tls-plain: connectivity
        FAULTS.put("tls-plain", () -> new URL("https://" + System.getenv("LAB_GARBAGE")).openStream());
        // fault url-503: dependency_unavailable
        FAULTS.put("url-503", () -> open("/status/503"));
        // fault http-502: dependency_unavailable
        FAULTS.put("http-502", () -> get("/status/502"));
        // fault rejected-maintenance: dependency_unavailable
        FAULTS.put("rejected-maintenance", () -> { throw new BookingException("reservation host is closed for end of day processing"); });
        // fault http-429: rate_limited
        FAULTS.put("http-429", () -> get("/status/429"));
        // fault search-quota: rate_limited
        FAULTS.put("search-quota", () -> { throw new QuotaException("look-to-book ratio exceeded, searches suspended for " + N + " s"); });
        // fault http-401: access_denied
        FAULTS.put("http-401", () -> get("/status/401"));
        // fault url-403: access_denied
        FAULTS.put("url-403", () -> open("/status/403"));
        // fault nio-denied: access_denied
        FAULTS.put("nio-denied", () -> Files.readString(Path.of(DIR, "secret.txt")));
        // fault directory-denied: access_denied
        FAULTS.put("directory-denied", () -> Files.createFile(Path.of(DIR, "sealed", "x")));
        // fault agent-may-not: access_denied
        FAULTS.put("agent-may-not", () -> { throw new NotAllowedException("agent " + N + " lacks permission WAIVE_FEE"); });
        // fault number-format: invalid_input
        FAULTS.put("number-format", () -> Integer.parseInt("12A"));
        // fault decimal-format: invalid_input
        FAULTS.put("decimal-format", () -> new BigDecimal("1,99"));
        // fault date-format: invalid_input
        FAULTS.put("date-format", () -> LocalDate.parse("2024-02-30"));
        // fault uuid-format: invalid_input
        FAULTS.put("uuid-format", () -> UUID.fromString("B-" + N));
        // fault uri-syntax: invalid_input
        FAULTS.put("uri-syntax", () -> URI.create("http://a b"));
        // fault enum-unknown: invalid_input
        FAULTS.put("enum-unknown", () -> Cabin.valueOf("PREMIUM"));
        // fault argument-range: invalid_input
        FAULTS.put("argument-range", () -> new Seat(0));
        // fault http-422: invalid_input
        FAULTS.put("http-422", () -> get("/status/422"));
        // fault url-404: not_found
        FAULTS.put("url-404", () -> open("/status/404"));
        // fault nio-missing: not_found
        FAULTS.put("nio-missing", () -> Files.readString(Path.of("/srv/data/fares-" + N + ".csv")));
        // fault stream-missing: not_found
        FAULTS.put("stream-missing", () -> new FileInputStream("/srv/data/in/" + N));
        // fault booking-missing: not_found
        FAULTS.put("booking-missing", () -> { throw new NoSuchElementException("no booking with locator X" + N); });
        // fault seat-taken: conflict
        FAULTS.put("seat-taken", () -> { throw new SeatTakenException("seat 12C was sold to somebody else meanwhile"); });
        // fault nio-exists: conflict
        FAULTS.put("nio-exists", () -> Files.createFile(Path.of(DIR, "cut.json")));
        // fault http-409: conflict
        FAULTS.put("http-409", () -> get("/status/409"));
        // fault heap-space: resource_exhausted
        FAULTS.put("heap-space", () -> { var all = new ArrayList<long[]>(); while (true) all.add(new long[1_000_000]); });
        // fault array-size: resource_exhausted
        FAULTS.put("array-size", () -> System.out.println(new long[Integer.MAX_VALUE].length));
        // fault stack-overflow: resource_exhausted or code_defect
        FAULTS.put("stack-overflow", () -> deep(0));
        // fault executor-rejected: resource_exhausted or code_defect
        FAULTS.put("executor-rejected", () -> { var pool = new ThreadPoolExecutor(1, 1, 1, TimeUnit.SECONDS, new ArrayBlockingQueue<>(1)); try { for (int i = 0; i < 9; i++) pool.execute(() -> { try { Thread.sleep(300); } catch (InterruptedException e) { } }); } finally { pool.shutdownNow(); } });
        // fault queue-full: resource_exhausted
        FAULTS.put("queue-full", () -> { var q = new ArrayBlockingQueue<Integer>(1); q.add(1); q.add(2); });
        // fault device-full: resource_exhausted
        FAULTS.put("device-full", () -> { try (var out = new FileOutputStream("/dev/full")) { out.write(new byte[9000]); } });
        // fault buffer-overflow: code_defect
        FAULTS.put("buffer-overflow", () -> ByteBuffer.allocate(2).putLong(1));
        // fault gzip-trailer: data_integrity or serialization
        FAULTS.put("gzip-trailer", () -> new GZIPInputStream(new FileInputStream(DIR + "/crc.gz")).readAllBytes());
        // fault gzip-end: data_integrity or serialization
        FAULTS.put("gzip-end", () -> new GZIPInputStream(new FileInputStream(DIR + "/cut.gz")).readAllBytes());
        // fault zip-open: data_integrity or serialization
        FAULTS.put("zip-open", () -> new ZipFile(DIR + "/not-a.zip"));
        // fault total-differs: data_integrity
        FAULTS.put("total-differs", () -> { throw new BookingException("ticket " + N + ": sum of coupons 120.00 differs from stored total 119.00"); });
        // fault class-missing: configuration
        FAULTS.put("class-missing", () -> Class.forName("oracle.jdbc.OracleDriver"));
        // fault driver-missing: configuration
        FAULTS.put("driver-missing", () -> java.sql.DriverManager.getConnection("jdbc:db2://h/x"));
        // fault library-missing: configuration
        FAULTS.put("library-missing", () -> System.loadLibrary("zebra"));
        // fault port-taken: configuration
        FAULTS.put("port-taken", () -> new ServerSocket(port("LAB_HTTP"), 1, InetAddress.getByName("127.0.0.1")));
        // fault program-missing: configuration
        FAULTS.put("program-missing", () -> new ProcessBuilder("gds-agent", "-v").start());
        // fault charset-unknown: configuration or invalid_input
        FAULTS.put("charset-unknown", () -> Charset.forName("EBCDIC-99"));
        // fault algorithm-unknown: configuration
        FAULTS.put("algorithm-unknown", () -> java.security.MessageDigest.getInstance("SHA9"));
        // fault bundle-missing: configuration
        FAULTS.put("bundle-missing", () -> ResourceBundle.getBundle("messages_booking"));
        // fault zone-unknown: invalid_input or configuration
        FAULTS.put("zone-unknown", () -> ZoneId.of("Europe/Berlim"));
        // fault xml-end: serialization
        FAULTS.put("xml-end", () -> javax.xml.parsers.DocumentBuilderFactory.newInstance().newDocumentBuilder().parse(new File(DIR, "bad.xml")));
        // fault not-serializable: serialization or code_defect
        FAULTS.put("not-serializable", () -> new ObjectOutputStream(new ByteArrayOutputStream()).writeObject(new Object()));
        // fault stream-header: serialization
        FAULTS.put("stream-header", () -> new ObjectInputStream(new FileInputStream(DIR + "/not-a.zip")));
        // fault charset-malformed: serialization
        FAULTS.put("charset-malformed", () -> Files.readString(Path.of(DIR, "latin1.txt")));
        // fault base64-illegal: serialization or invalid_input
        FAULTS.put("base64-illegal", () -> Base64.getDecoder().decode("ab*c"));
        // fault null-deref: code_defect
        FAULTS.put("null-deref", () -> { String s = N.isEmpty() ? "" : null; s.length(); });
        // fault null-unboxing: code_defect
        FAULTS.put("null-unboxing", () -> { Map<String, Integer> m = new HashMap<>(); int v = m.get("a"); });
        // fault require-non-null: code_defect or invalid_input
        FAULTS.put("require-non-null", () -> Objects.requireNonNull(null, "passenger"));
        // fault index-bounds: code_defect
        FAULTS.put("index-bounds", () -> List.of(1, 2).get(7));
        // fault array-bounds: code_defect
        FAULTS.put("array-bounds", () -> { int[] a = new int[2]; a[N.length() + 3]++; });
        // fault substring-bounds: code_defect
        FAULTS.put("substring-bounds", () -> "abc".substring(9));
        // fault class-cast: code_defect
        FAULTS.put("class-cast", () -> { Object o = N; Integer i = (Integer) o; });
        // fault divide-zero: code_defect
        FAULTS.put("divide-zero", () -> System.out.println(1 / (N.length() - N.length())));
        // fault unmodifiable: code_defect
        FAULTS.put("unmodifiable", () -> List.of(1).add(2));
        // fault modified-while: code_defect
        FAULTS.put("modified-while", () -> { var l = new ArrayList<>(List.of(1, 2, 3)); for (var i : l) l.remove(i); });
        // fault stream-reused: code_defect
        FAULTS.put("stream-reused", () -> { var s = Stream.of(1); s.count(); s.count(); });
        // fault optional-empty: code_defect or not_found
        FAULTS.put("optional-empty", () -> Optional.empty().get());
        // fault iterator-end: code_defect
        FAULTS.put("iterator-end", () -> new ArrayList<>().iterator().next());
        // fault array-store: code_defect
        FAULTS.put("array-store", () -> { Object[] a = new String[1]; a[0] = 1; });
        // fault negative-size: code_defect
        FAULTS.put("negative-size", () -> System.out.println(new int[-N.length()].length));
        // fault duplicate-map-key: code_defect or conflict
        FAULTS.put("duplicate-map-key", () -> Stream.of(1, 1).collect(Collectors.toMap(Function.identity(), x -> x)));
        // fault assertion: code_defect
        FAULTS.put("assertion", () -> { throw new AssertionError("leg count must match segment count"); });
        // fault monitor-state: code_defect
        FAULTS.put("monitor-state", () -> new Object().notify());
        // fault regex-syntax: code_defect or configuration
        FAULTS.put("regex-syntax", () -> Pattern.compile("(ab"));
        // fault format-argument: code_defect
        FAULTS.put("format-argument", () -> String.format("%d", "x"));
        // fault initializer: code_defect or configuration
        FAULTS.put("initializer", () -> Broken.touch());
        // fault self-segv: crash
        FAULTS.put("self-segv", () -> { new ProcessBuilder("kill", "-SEGV", "" + ProcessHandle.current().pid()).start(); Thread.sleep(3000); });
        // fault child-exit: crash
        FAULTS.put("child-exit", () -> { int code = new ProcessBuilder("sh", "-c", "kill -9 $$").start().waitFor(); throw new BookingException("pnr converter exit code " + code); });
    }
    static class Broken { static final int V = Integer.parseInt("x"); static void touch() { System.out.println(V); } }

    static void report(Throwable t) {
        var trace = new StringWriter();
        t.printStackTrace(new PrintWriter(trace));
        System.out.println("@@type " + t.getClass().getName() + "\n@@message " + t.getMessage() + "\n@@trace\n" + trace + "@@end");
        System.exit(1);
    }
    public static void main(String[] args) throws Throwable {
        var fault = FAULTS.get(args[0]);
        switch (System.getenv("LAB_MODE")) {
            case "report" -> { try { fault.run(); } catch (Throwable t) { report(t); } }
            case "wrap" -> { try { try { fault.run(); } catch (Throwable t) { throw new BookingException("booking " + N + " was not confirmed", t); } } catch (BookingException t) { report(t); } }
            default -> fault.run();
        }
        System.exit(0);
    }
}
