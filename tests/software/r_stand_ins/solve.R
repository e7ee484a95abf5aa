# Stand-ins for packages of R that are not there: the words that our scripts say, solved by deSolve.
# They know how our scripts call, and nothing else of these packages.
compiled <- function(name, lines, parameters, states) {
  place <- tempfile(name)
  dir.create(place)
  file <- file.path(place, paste0(name, ".c"))
  writeLines(c("#include <math.h>", "#define max fmax", sprintf("static double P[%d];", parameters + 1),
    sprintf("void begin(void (*read)(int *, double *)) { int n = %d; read(&n, P); }", parameters + 1),
    sprintf("#define p_%d P[%d]", seq_len(parameters) - 1, seq_len(parameters) - 1),
    sprintf("#define y_%d Y[%d]", seq_len(states) - 1, seq_len(states) - 1),
    "void slopes(int *n, double *t, double *Y, double *D, double *out, int *ip) {", lines,
    sprintf("D[0] += P[%d]; }", parameters)), file)
  system2(file.path(R.home("bin"), "R"), c("CMD", "SHLIB", shQuote(file)), stdout = FALSE, stderr = FALSE)
  dyn.load(file.path(place, paste0(name, .Platform$dynlib.ext)))
  name
}

# States of one person at `times`, a row each; `doses` are infusions into the first state.
path <- function(dll, person, begun, doses, times, rtol, atol) {
  ends <- doses$time + doses$amt / doses$rate
  stops <- sort(unique(c(0, doses$time, ends, max(times))))
  y <- begun
  found <- matrix(NA_real_, length(times), length(begun))
  found[times == 0, ] <- rep(begun, each = sum(times == 0))
  for (k in seq_len(length(stops) - 1)) {
    inside <- which(times > stops[k] & times <= stops[k + 1])
    inflow <- sum(doses$rate[doses$time <= stops[k] & stops[k] < ends - 1e-12])
    at <- unique(c(stops[k], times[inside], stops[k + 1]))
    out <- deSolve::lsoda(y, at, "slopes", c(person, inflow), rtol = rtol, atol = atol,
      dllname = dll, initfunc = "begin", maxsteps = 1e5)
    found[inside, ] <- out[match(times[inside], at), -1]
    y <- out[nrow(out), -1]
  }
  found
}

everybody <- function(dll, people, begun, doses, times, rtol, atol, first) {
  found <- lapply(seq_len(nrow(people)), function(i) {
    cbind(i, times, path(dll, as.numeric(people[i, ]), begun, doses, times, rtol, atol))
  })
  found <- do.call(rbind, found)
  colnames(found) <- c(first, "time", paste0("y_", seq_along(begun) - 1))
  found
}

matches <- function(lines, pattern) regmatches(lines, regexec(pattern, lines))
