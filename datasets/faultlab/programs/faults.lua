-- Faults of a Lua gateway script.
local n, http = os.getenv("LAB_N"), os.getenv("LAB_HTTP")
local dir = os.getenv("LAB_DIR")
local function must(ok, message) if not ok then error(message, 2) end return ok end
local function recurse(t) return { recurse(t) } end

local faults = {
  -- fault nil-field: code_defect
  ["nil-field"] = function() local order = {} return order.customer.name end,
  -- fault nil-call: code_defect
  ["nil-call"] = function() local api = {} api.send() end,
  -- fault arithmetic-nil: code_defect
  ["arithmetic-nil"] = function() local total return total + 1 end,
  -- fault concat-table: code_defect
  ["concat-table"] = function() return "lines: " .. {} end,
  -- fault compare-kinds: code_defect
  ["compare-kinds"] = function() return 1 < "2" end,
  -- fault global-unknown: code_defect
  ["global-unknown"] = function() return weigh(n) end,
  -- fault integer-zero: code_defect
  ["integer-zero"] = function() return 1 // (tonumber(n) - tonumber(n)) end,
  -- fault bad-argument: code_defect or invalid_input
  ["bad-argument"] = function() return string.rep() end,
  -- fault stack-overflow: resource_exhausted or code_defect
  ["stack-overflow"] = function() recurse({}) end,
  -- fault dead-coroutine: code_defect
  ["dead-coroutine"] = function() local c = coroutine.wrap(function() end) c() c() end,
  -- fault assert-failed: code_defect
  ["assert-failed"] = function() assert(#n > 90, "assertion failed: route table must not be empty") end,
  -- fault not-written: code_defect
  ["not-written"] = function() error("not implemented: weighted routing") end,
  -- fault module-absent: configuration
  ["module-absent"] = function() require("resty.zebra") end,
  -- fault setting-absent: configuration
  ["setting-absent"] = function() must(os.getenv("GATEWAY_SECRET"), "GATEWAY_SECRET not configured") end,
  -- fault chunk-syntax: code_defect or serialization, configuration
  ["chunk-syntax"] = function() assert(load("return {a = ")) end,
  -- fault file-absent: not_found
  ["file-absent"] = function() assert(io.open("/srv/data/routes-" .. n .. ".lua")) end,
  -- fault file-denied: access_denied
  ["file-denied"] = function() assert(io.open(dir .. "/secret.txt")) end,
  -- fault route-unknown: not_found
  ["route-unknown"] = function() error("no route for /v" .. n, 0) end,
  -- fault number-bad: invalid_input
  ["number-bad"] = function() error("weight: number expected, got '12 kg'", 0) end,
  -- fault disk-full: resource_exhausted
  ["disk-full"] = function() local f = io.open("/dev/full", "w") f:setvbuf("no") assert(f:write("report")) end,
  -- fault memory-gone: resource_exhausted (as=60000000)
  ["memory-gone"] = function() local t = {} while true do t[#t + 1] = string.rep("x", 100000 + #t) end end,
  -- fault files-open: resource_exhausted (nofile=16)
  ["files-open"] = function() local t = {} while true do t[#t + 1] = assert(io.open("/dev/null")) end end,
  -- fault token-expired: access_denied
  ["token-expired"] = function() error("jwt: token expired " .. n .. " s ago", 0) end,
  -- fault upstream-silent: timeout
  ["upstream-silent"] = function() error("lua tcp socket read timed out", 0) end,
  -- fault upstream-refused: connectivity
  ["upstream-refused"] = function() local p = io.popen("curl -sS http://" .. os.getenv("LAB_REFUSED") .. " 2>&1") error(p:read("a"), 0) end,
  -- fault upstream-busy: dependency_unavailable
  ["upstream-busy"] = function() local p = io.popen("curl -s -o /dev/null -w '%{http_code}' http://" .. http .. "/status/503") error("upstream answered " .. p:read("a"), 0) end,
  -- fault too-many: rate_limited
  ["too-many"] = function() error("limit of " .. n .. " calls per minute reached", 0) end,
  -- fault key-duplicate: conflict
  ["key-duplicate"] = function() error("key 'route:" .. n .. "' exists already", 0) end,
  -- fault utf8-invalid: serialization or invalid_input
  ["utf8-invalid"] = function() for _ in utf8.codes(io.open(dir .. "/latin1.txt"):read("a")) do end end,
  -- fault pattern-bad: code_defect
  ["pattern-bad"] = function() return string.find("a", "[a") end,
}

local mode = os.getenv("LAB_MODE")
local fault = faults[arg[1]]
if mode == "raise" then fault() os.exit(0) end
local trace
local ok, err = xpcall(fault, function(e) trace = debug.traceback(tostring(e)) return e end)
if not ok then
  local message = tostring(err)
  if mode == "wrap" then message = "access phase of " .. n .. " ended: " .. message end
  print("@@type \n@@message " .. message .. "\n@@trace\n" .. trace .. "\n@@end")
end
