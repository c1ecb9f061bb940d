# Faults of an R forecasting job.
dir <- Sys.getenv("LAB_DIR"); n <- Sys.getenv("LAB_N"); http <- Sys.getenv("LAB_HTTP")
options(warn = 2, timeout = 2)
address <- function(name) strsplit(Sys.getenv(name), ":")[[1]]
fetch <- function(where) readLines(url(where))
deep <- function(x) deep(x + 1)
faults <- list(
  # fault url-refused: connectivity
  "url-refused" = function() fetch(paste0("http://", Sys.getenv("LAB_REFUSED"))),
  # fault url-unknown: connectivity
  "url-unknown" = function() fetch(paste0("http://rates-", n, ".invalid")),
  # fault socket-refused: connectivity
  "socket-refused" = function() socketConnection("127.0.0.1", as.integer(address("LAB_REFUSED")[2])),
  # fault url-silent: timeout
  "url-silent" = function() fetch(paste0("http://", http, "/stall")),
  # fault time-limit: timeout
  "time-limit" = function() { setTimeLimit(elapsed = 0.3); repeat sqrt(2) },
  # fault url-404: not_found
  "url-404" = function() fetch(paste0("http://", http, "/status/404")),
  # fault url-503: dependency_unavailable
  "url-503" = function() fetch(paste0("http://", http, "/status/503")),
  # fault url-403: access_denied
  "url-403" = function() fetch(paste0("http://", http, "/status/403")),
  # fault url-429: rate_limited
  "url-429" = function() fetch(paste0("http://", http, "/status/429")),
  # fault file-missing: not_found
  "file-missing" = function() read.csv(paste0("/srv/data/sales-", n, ".csv")),
  # fault file-denied: access_denied
  "file-denied" = function() readLines(file.path(dir, "secret.txt")),
  # fault package-missing: configuration
  "package-missing" = function() library(prophetx),
  # fault library-missing: configuration
  "library-missing" = function() dyn.load("/opt/forecast/libarima.so"),
  # fault option-missing: configuration
  "option-missing" = function() stop("FORECAST_DSN is not set"),
  # fault object-missing: code_defect
  "object-missing" = function() salez + 1,
  # fault function-missing: code_defect
  "function-missing" = function() forecastt(1),
  # fault non-numeric: code_defect
  "non-numeric" = function() "a" + 1,
  # fault out-of-bounds: code_defect
  "out-of-bounds" = function() list(1)[[5]],
  # fault argument-missing: code_defect
  "argument-missing" = function() (function(a, b) a + b)(1),
  # fault na-condition: code_defect
  "na-condition" = function() if (NA > 1) 1,
  # fault atomic-dollar: code_defect
  "atomic-dollar" = function() c(1)$a,
  # fault dimensions: code_defect
  "dimensions" = function() matrix(1:6, 2) %*% matrix(1:6, 2),
  # fault singular: code_defect or invalid_input
  "singular" = function() solve(matrix(0, 2, 2)),
  # fault stopifnot: code_defect
  "stopifnot" = function() stopifnot("weeks must be complete" = FALSE),
  # fault deep: resource_exhausted or code_defect
  "deep" = function() deep(1),
  # fault vector-memory: resource_exhausted
  "vector-memory" = function() numeric(1e13),
  # fault match-arg: invalid_input
  "match-arg" = function() (function(kind = c("day", "week")) match.arg(kind))("year"),
  # fault date-text: invalid_input
  "date-text" = function() as.Date("31st of may"),
  # fault json-cut: serialization
  "json-cut" = function() eval(parse(text = "list(a = ")),
  # fault rds-magic: serialization or data_integrity
  "rds-magic" = function() readRDS(file.path(dir, "not-a.zip")),
  # fault load-magic: serialization or data_integrity
  "load-magic" = function() load(file.path(dir, "not-a.zip")),
  # fault utf8: serialization
  "utf8" = function() toupper(readLines(file.path(dir, "latin1.txt"))),
  # fault rows-differ: data_integrity or code_defect, invalid_input
  "rows-differ" = function() data.frame(a = 1:2, b = 1:3),
  # fault line-elements: serialization
  "line-elements" = function() scan(text = "1 x", quiet = TRUE),
  # fault self-segv: crash
  "self-segv" = function() { tools::pskill(Sys.getpid(), 11); Sys.sleep(1) }
)
report <- function(e) cat("@@type ", class(e)[1], "\n@@message ", conditionMessage(e), "\n@@trace\nError in ", deparse(conditionCall(e))[1], " : ", conditionMessage(e), "\n@@end\n", sep = "")
name <- commandArgs(TRUE)[1]; mode <- Sys.getenv("LAB_MODE")
if (mode == "raise") { faults[[name]]() } else {
  tryCatch(faults[[name]](), error = function(e) {
    if (mode == "wrap") e <- simpleError(paste0("forecast ", n, " not published: ", conditionMessage(e)))
    report(e)
  })
}
