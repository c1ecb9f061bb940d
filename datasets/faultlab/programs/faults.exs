# Faults of an Elixir dispatch service.
defmodule Dispatch.Rejected do
  defexception [:message]
end

defmodule Dispatch.Stale do
  defexception [:message]
end

defmodule Dispatch.Faults do
  defp at(name), do: System.fetch_env!("LAB_" <> name)
  defp n, do: System.fetch_env!("LAB_N")
  defp dir, do: System.fetch_env!("LAB_DIR")
  defp reject(text), do: raise(Dispatch.Rejected, text)
  defp id(value), do: :erlang.binary_to_term(:erlang.term_to_binary(value))

  defp talk(name, wait) do
    [host, port] = String.split(at(name), ":")
    {:ok, socket} = :gen_tcp.connect(String.to_charlist(host), String.to_integer(port), [:binary, active: false], 1000)
    :ok = :gen_tcp.send(socket, "hello")
    {:ok, _} = :gen_tcp.recv(socket, 0, wait)
  end

  defp curl(arguments) do
    {text, status} = System.cmd("curl", ["-sS", "--fail" | arguments], stderr_to_stdout: true)
    if status != 0, do: raise("dispatch call failed: " <> String.trim(text))
  end

  # fault match-error: code_defect
  def fault("match-error"), do: {:ok, _} = id({:error, :nope})
  # fault clause-error: code_defect
  def fault("clause-error"), do: String.upcase(id(nil))
  # fault key-error: code_defect or not_found
  def fault("key-error"), do: Map.fetch!(id(%{lines: []}), :total)
  # fault nil-field: code_defect
  def fault("nil-field"), do: id(nil).total
  # fault by-zero: code_defect
  def fault("by-zero"), do: div(7, id(0))
  # fault arithmetic-nil: code_defect
  def fault("arithmetic-nil"), do: id(nil) + 1
  # fault case-clause: code_defect
  def fault("case-clause"), do: (case id(:refund) do :order -> 1 end)
  # fault undefined-function: code_defect or configuration
  def fault("undefined-function"), do: apply(Enum, :totl, [[]])
  # fault module-absent: configuration or code_defect
  def fault("module-absent"), do: apply(Dispatch.Telematics, :locate, [n()])
  # fault bad-arity: code_defect
  def fault("bad-arity"), do: id(&String.upcase/1).(1, 2)
  # fault list-head: code_defect
  def fault("list-head"), do: hd(id([]))
  # fault enum-empty: code_defect
  def fault("enum-empty"), do: Enum.max(id([]))
  # fault bad-map: code_defect
  def fault("bad-map"), do: Map.put(id(nil), :a, 1)
  # fault not-written: code_defect
  def fault("not-written"), do: raise("not implemented: routes over ferries")
  # fault ets-absent: code_defect
  def fault("ets-absent"), do: :ets.lookup(:no_such_table, 1)
  # fault number-text: invalid_input
  def fault("number-text"), do: String.to_integer(id("12 kg"))
  # fault date-text: invalid_input
  def fault("date-text"), do: Date.from_iso8601!("2024-02-30")
  # fault weight-negative: invalid_input
  def fault("weight-negative"), do: raise(ArgumentError, "weight must be positive, got: -5")
  # fault zip-missing: invalid_input
  def fault("zip-missing"), do: reject("stop #{n()} has no zip code")
  # fault file-absent: not_found
  def fault("file-absent"), do: File.read!("/srv/data/tours-#{n()}.json")
  # fault tour-unknown: not_found
  def fault("tour-unknown"), do: reject("tour #{n()} is not in the plan")
  # fault file-denied: access_denied
  def fault("file-denied"), do: File.read!(dir() <> "/secret.txt")
  # fault status-403: access_denied
  def fault("status-403"), do: curl(["http://" <> at("HTTP") <> "/status/403"])
  # fault badge-expired: access_denied
  def fault("badge-expired"), do: reject("badge of driver #{n()} expired yesterday")
  # fault setting-absent: configuration
  def fault("setting-absent"), do: Application.fetch_env!(:dispatch, :map_server)
  # fault variable-absent: configuration
  def fault("variable-absent"), do: System.fetch_env!("DISPATCH_MAP_KEY")
  # fault program-absent: configuration or not_found
  def fault("program-absent"), do: System.cmd("route-solver-#{n()}", [])
  # fault json-cut: serialization
  def fault("json-cut"), do: raise(RuntimeError, "route answer: unexpected end of input at position #{n()}")
  # fault term-garbled: serialization
  def fault("term-garbled"), do: :erlang.binary_to_term("garbage")
  # fault utf8-bad: serialization
  def fault("utf8-bad"), do: String.to_charlist(File.read!(dir() <> "/latin1.txt"))
  # fault base64-bad: serialization or invalid_input
  def fault("base64-bad"), do: Base.decode64!("abc$")
  # fault xml-crossed: serialization
  def fault("xml-crossed"), do: :xmerl_scan.string('<a><b></a>', quiet: true)
  # fault connect-refused: connectivity
  def fault("connect-refused"), do: talk("REFUSED", 500)
  # fault peer-eof: connectivity
  def fault("peer-eof"), do: talk("CLOSING", 500)
  # fault http-refused: connectivity
  def fault("http-refused"), do: curl(["http://" <> at("REFUSED")])
  # fault name-unresolved: connectivity
  def fault("name-unresolved"), do: {:ok, _} = :gen_tcp.connect('dispatch-#{n()}.invalid', 80, [], 1000)
  # fault node-down: connectivity or dependency_unavailable
  def fault("node-down"), do: GenServer.call({:planner, :"planner@nowhere"}, :plan)
  # fault read-silent: timeout
  def fault("read-silent"), do: talk("SILENT", 200)
  # fault call-slow: timeout
  def fault("call-slow"), do: Task.await(Task.async(fn -> Process.sleep(3000) end), 50)
  # fault server-slow: timeout
  def fault("server-slow") do
    {:ok, agent} = Agent.start(fn -> 1 end)
    Agent.get(agent, fn _ -> Process.sleep(3000) end, 50)
  end
  # fault solver-late: timeout
  def fault("solver-late"), do: reject("no route for tour #{n()} after 30 s of searching")
  # fault process-gone: code_defect or dependency_unavailable
  def fault("process-gone"), do: GenServer.call(:no_such_server, :plan)
  # fault status-503: dependency_unavailable
  def fault("status-503"), do: curl(["http://" <> at("HTTP") <> "/status/503"])
  # fault maps-closed: dependency_unavailable
  def fault("maps-closed"), do: reject("map provider answers that it is in maintenance")
  # fault status-429: rate_limited
  def fault("status-429"), do: curl(["http://" <> at("HTTP") <> "/status/429"])
  # fault lookups-spent: rate_limited
  def fault("lookups-spent"), do: reject("geocoder allows #{n()} lookups a day, all of them made")
  # fault name-taken: conflict
  def fault("name-taken") do
    Process.register(spawn(fn -> Process.sleep(5000) end), :planner)
    Process.register(spawn(fn -> Process.sleep(5000) end), :planner)
  end
  # fault started-already: conflict or code_defect
  def fault("started-already") do
    {:ok, _} = Agent.start(fn -> 1 end, name: :fleet)
    {:ok, _} = Agent.start(fn -> 1 end, name: :fleet)
  end
  # fault folder-exists: conflict
  def fault("folder-exists"), do: File.mkdir!(dir())
  # fault tour-stale: conflict
  def fault("tour-stale"), do: raise(Dispatch.Stale, "tour #{n()} was replanned by another dispatcher, reload it")
  # fault disk-full: resource_exhausted
  def fault("disk-full"), do: File.write!("/dev/full", "report")
  # fault descriptors: resource_exhausted (nofile=40)
  def fault("descriptors"), do: for(_ <- 1..99, do: File.open!("/dev/null"))
  # fault atoms-long: resource_exhausted or code_defect, invalid_input
  def fault("atoms-long"), do: String.to_atom(String.duplicate("x", 300))
  # fault planners-busy: resource_exhausted
  def fault("planners-busy"), do: reject("all 8 planners are busy, tour #{n()} not queued")
  # fault archive-crc: data_integrity
  def fault("archive-crc"), do: :zlib.gunzip(File.read!(dir() <> "/crc.gz"))
  # fault log-damaged: data_integrity or serialization
  def fault("log-damaged"), do: {:ok, _} = :dets.open_file(:tours, file: String.to_charlist(dir() <> "/not-a.db"), access: :read)
  # fault mileage-backwards: data_integrity
  def fault("mileage-backwards"), do: reject("stored mileage of truck #{n()} runs backwards")
  # fault child-killed: crash
  def fault("child-killed") do
    {_, status} = System.cmd("sh", ["-c", "kill -SEGV $$"])
    raise "route solver ended with status #{status}"
  end
end

[name] = System.argv()
n = System.fetch_env!("LAB_N")

case System.fetch_env!("LAB_MODE") do
  "raise" ->
    Dispatch.Faults.fault(name)

  mode ->
    {error, trace} =
      try do
        Dispatch.Faults.fault(name)
        {nil, []}
      rescue
        error -> {error, Exception.format(:error, error, __STACKTRACE__)}
      catch
        :exit, reason -> {%RuntimeError{message: Exception.format_exit(reason)}, Exception.format(:exit, reason, __STACKTRACE__)}
      end

    if error != nil do
      text = Exception.message(error)

      if mode == "wrap" do
        outer = "tour #{n} was not dispatched: #{text}"
        IO.puts("@@type RuntimeError\n@@message #{outer}\n@@trace\n** (RuntimeError) #{outer}\n#{trace}\n@@end")
      else
        IO.puts("@@type #{inspect(error.__struct__)}\n@@message #{text}\n@@trace\n#{trace}\n@@end")
      end
    end
end
