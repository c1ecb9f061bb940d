// Faults of a C# depot service.
using System;
using System.Collections.Generic;
using System.Diagnostics;
using System.IO;
using System.IO.Compression;
using System.Linq;
using System.Net;
using System.Net.Sockets;
using System.Runtime.InteropServices;
using System.Text;
using System.Threading;
using System.Threading.Tasks;
using System.Xml;

namespace Depot {
class LoadingException : Exception { public LoadingException(string m, Exception e = null) : base(m, e) {} }
class StaleException : Exception { public StaleException(string m) : base(m) {} }
class QuotaException : Exception { public QuotaException(string m) : base(m) {} }
class RampException : Exception { public RampException(string m) : base(m) {} }
class DriverException : Exception { public DriverException(string m) : base(m) {} }

static class Faults {
  static readonly string N = Environment.GetEnvironmentVariable("LAB_N"), Dir = Environment.GetEnvironmentVariable("LAB_DIR");
  static string At(string name) => Environment.GetEnvironmentVariable("LAB_" + name);
  [DllImport("libweighbridge")] static extern int weigh(int truck);
  [DllImport("libc", EntryPoint = "no_such_call_v2")] static extern int NoSuchCall();
  static string Get(string url, int timeoutMs = 5000) {
    var request = (HttpWebRequest)WebRequest.Create(url);
    request.Timeout = timeoutMs; request.Proxy = null;
    using (var answer = request.GetResponse()) return new StreamReader(answer.GetResponseStream()).ReadToEnd();
  }
  static void Talk(string name, int timeoutMs) {
    var at = At(name).Split(':');
    using (var client = new TcpClient(at[0], int.Parse(at[1]))) {
      var stream = client.GetStream(); stream.ReadTimeout = timeoutMs;
      stream.Write(new byte[] { 1, 2 }, 0, 2);
      if (stream.Read(new byte[9], 0, 9) == 0) throw new EndOfStreamException("scale hung up before it said anything");
    }
  }
  static readonly Dictionary<string, Action> All = new Dictionary<string, Action> {
    // fault null-reference: code_defect
    ["null-reference"] = () => { string s = null; Console.WriteLine(s.Length); },
    // fault bad-cast: code_defect
    ["bad-cast"] = () => { object o = "7"; Console.WriteLine((int)o); },
    // fault index-beyond: code_defect
    ["index-beyond"] = () => new List<int> { 1, 2 }[9].ToString(),
    // fault array-index: code_defect
    ["array-index"] = () => Console.WriteLine(new int[2][N.Length + 5]),
    // fault sequence-empty: code_defect or not_found
    ["sequence-empty"] = () => new int[0].First(),
    // fault key-absent: code_defect or not_found
    ["key-absent"] = () => Console.WriteLine(new Dictionary<string, int>()["gate"]),
    // fault key-twice: code_defect or conflict
    ["key-twice"] = () => new Dictionary<string, int> { { "a", 1 } }.Add("a", 2),
    // fault changed-while-read: code_defect
    ["changed-while-read"] = () => { var l = new List<int> { 1, 2 }; foreach (var i in l) l.Add(i); },
    // fault by-zero: code_defect
    ["by-zero"] = () => Console.WriteLine(7 / (N.Length - N.Length)),
    // fault disposed: code_defect
    ["disposed"] = () => { var s = new MemoryStream(); s.Dispose(); s.ReadByte(); },
    // fault not-written: code_defect
    ["not-written"] = () => throw new NotImplementedException(),
    // fault nullable-empty: code_defect
    ["nullable-empty"] = () => { int? i = null; Console.WriteLine(i.Value); },
    // fault number-text: invalid_input
    ["number-text"] = () => int.Parse("12 kg"),
    // fault number-large: invalid_input
    ["number-large"] = () => int.Parse("99999999999"),
    // fault date-text: invalid_input
    ["date-text"] = () => DateTime.Parse("2024-02-30"),
    // fault guid-text: invalid_input
    ["guid-text"] = () => Guid.Parse("depot-" + N),
    // fault url-text: invalid_input or configuration
    ["url-text"] = () => new Uri("http://[::1"),
    // fault weight-negative: invalid_input
    ["weight-negative"] = () => throw new ArgumentOutOfRangeException("weight", -5, "weight of a pallet must be positive"),
    // fault enum-text: invalid_input
    ["enum-text"] = () => Enum.Parse(typeof(DayOfWeek), "Someday"),
    // fault file-absent: not_found
    ["file-absent"] = () => File.ReadAllText("/srv/data/loads-" + N + ".csv"),
    // fault folder-absent: not_found
    ["folder-absent"] = () => Directory.GetFiles("/srv/data/loads-" + N),
    // fault status-404: not_found
    ["status-404"] = () => Get("http://" + At("HTTP") + "/status/404"),
    // fault ramp-unknown: not_found
    ["ramp-unknown"] = () => throw new RampException("there is no ramp " + N + " in this depot"),
    // fault file-denied: access_denied
    ["file-denied"] = () => File.ReadAllText(Dir + "/secret.txt"),
    // fault folder-sealed: access_denied
    ["folder-sealed"] = () => File.WriteAllText(Dir + "/sealed/x", "x"),
    // fault status-401: access_denied
    ["status-401"] = () => Get("http://" + At("HTTP") + "/status/401"),
    // fault status-403: access_denied
    ["status-403"] = () => Get("http://" + At("HTTP") + "/status/403"),
    // fault driver-unlicensed: access_denied
    ["driver-unlicensed"] = () => throw new DriverException("driver " + N + " lacks the permit for hazardous goods"),
    // fault connect-refused: connectivity
    ["connect-refused"] = () => Talk("REFUSED", 500),
    // fault http-refused: connectivity
    ["http-refused"] = () => Get("http://" + At("REFUSED")),
    // fault peer-reset: connectivity
    ["peer-reset"] = () => Talk("RESET", 500),
    // fault peer-eof: connectivity
    ["peer-eof"] = () => Talk("CLOSING", 500),
    // fault name-unresolved: connectivity
    ["name-unresolved"] = () => Get("http://depot-" + N + ".invalid/"),
    // fault tls-untrusted: connectivity or configuration
    ["tls-untrusted"] = () => Get("https://" + At("TLS")),
    // fault read-silent: timeout
    ["read-silent"] = () => Talk("SILENT", 200),
    // fault http-stall: timeout
    ["http-stall"] = () => Get("http://" + At("HTTP") + "/stall", 300),
    // fault wait-expired: timeout
    ["wait-expired"] = () => { using (var c = new CancellationTokenSource(50)) Task.Delay(3000, c.Token).Wait(); },
    // fault crane-late: timeout
    ["crane-late"] = () => throw new TimeoutException("crane 4 did not confirm the move within " + N + " ms"),
    // fault status-503: dependency_unavailable
    ["status-503"] = () => Get("http://" + At("HTTP") + "/status/503"),
    // fault status-502: dependency_unavailable
    ["status-502"] = () => Get("http://" + At("HTTP") + "/status/502"),
    // fault customs-down: dependency_unavailable
    ["customs-down"] = () => throw new LoadingException("customs declares itself out of service until noon"),
    // fault status-429: rate_limited
    ["status-429"] = () => Get("http://" + At("HTTP") + "/status/429"),
    // fault slots-booked: rate_limited
    ["slots-booked"] = () => throw new QuotaException("haulier " + N + " has made its 40 slot requests of this hour, next one at full hour"),
    // fault status-409: conflict
    ["status-409"] = () => Get("http://" + At("HTTP") + "/status/409"),
    // fault file-shared: conflict
    ["file-shared"] = () => { using (File.Open("depot.lock", FileMode.Create, FileAccess.Write, FileShare.None)) File.Open("depot.lock", FileMode.Open); },
    // fault pallet-stale: conflict
    ["pallet-stale"] = () => throw new StaleException("pallet " + N + " was moved by another truck since it was read"),
    // fault xml-crossed: serialization
    ["xml-crossed"] = () => new XmlDocument().Load(Dir + "/bad.xml"),
    // fault xml-none: serialization
    ["xml-none"] = () => new XmlDocument().LoadXml("no xml at all"),
    // fault base64-bad: serialization or invalid_input
    ["base64-bad"] = () => Convert.FromBase64String("abc$"),
    // fault utf8-bad: serialization
    ["utf8-bad"] = () => new UTF8Encoding(false, true).GetString(File.ReadAllBytes(Dir + "/latin1.txt")),
    // fault scan-cut: serialization
    ["scan-cut"] = () => throw new LoadingException("scan telegram " + N + " ends after 12 of 48 bytes"),
    // fault archive-none: data_integrity or serialization
    ["archive-none"] = () => { using (var z = new GZipStream(File.OpenRead(Dir + "/not-a.zip"), CompressionMode.Decompress)) new StreamReader(z).ReadToEnd(); },
    // fault archive-crc: data_integrity
    ["archive-crc"] = () => { using (var z = new GZipStream(File.OpenRead(Dir + "/crc.gz"), CompressionMode.Decompress)) new StreamReader(z).ReadToEnd(); },
    // fault stock-negative: data_integrity
    ["stock-negative"] = () => throw new LoadingException("stored stock of bay " + N + " is -3, which no bay can hold"),
    // fault library-absent: configuration
    ["library-absent"] = () => weigh(1),
    // fault entry-absent: configuration
    ["entry-absent"] = () => NoSuchCall(),
    // fault assembly-absent: configuration
    ["assembly-absent"] = () => System.Reflection.Assembly.Load("Depot.Customs, Version=2.0.0.0"),
    // fault program-absent: configuration or not_found
    ["program-absent"] = () => Process.Start(new ProcessStartInfo("label-print-" + N) { UseShellExecute = false }),
    // fault setting-absent: configuration
    ["setting-absent"] = () => throw new InvalidOperationException("setting Depot:ScaleUrl is not configured"),
    // fault port-taken: configuration or conflict
    ["port-taken"] = () => new TcpListener(IPAddress.Loopback, int.Parse(At("HTTP").Split(':')[1])).Start(),
    // fault disk-full: resource_exhausted
    ["disk-full"] = () => { using (var f = File.OpenWrite("/dev/full")) { f.Write(new byte[9000], 0, 9000); f.Flush(true); } },
    // fault memory-gone: resource_exhausted
    ["memory-gone"] = () => { var all = new List<long[]>(); while (true) all.Add(new long[int.MaxValue / 2]); },
    // fault bays-full: resource_exhausted
    ["bays-full"] = () => throw new LoadingException("no free worker in the pool of 8, pallet " + N + " turned away"),
    // fault self-abort: crash
    ["self-abort"] = () => { Process.Start("/bin/sh", "-c \"kill -SEGV $PPID\"").WaitForExit(); Thread.Sleep(2000); },
  };

  static void Main(string[] args) {
    var mode = Environment.GetEnvironmentVariable("LAB_MODE");
    if (mode == "raise") { All[args[0]](); return; }
    try {
      try { All[args[0]](); }
      catch (Exception e) when (mode == "wrap") { throw new LoadingException("load " + N + " left the ramp incomplete", e); }
    } catch (Exception e) {
      Console.WriteLine("@@type " + e.GetType().FullName + "\n@@message " + e.Message + "\n@@trace\n" + e + "\n@@end");
    }
  }
}
}
