mcode <- function(model, code, soloc, quiet) {
  lines <- strsplit(code, "\n")[[1]]
  blocks <- cumsum(grepl("^\\$", lines))
  block <- function(name) lines[blocks == blocks[match(name, lines)]][-1]
  parameters <- length(strsplit(block("$PARAM"), ",")[[1]])
  begun <- vapply(matches(block("$MAIN"), "^y_\\d+_0 = (.*);$"), function(m) as.numeric(m[2]), 0)
  ode <- gsub("dxdt_y_(\\d+) =", "D[\\1] =", block("$ODE"))
  dll <- compiled("said", ode, parameters, length(begun))
  structure(list(dll = dll, begun = begun), class = "stand_in")
}
update.stand_in <- function(object, rtol, atol, maxsteps, ...) {
  object$rtol <- rtol
  object$atol <- atol
  object
}
as.ev <- function(x) { stopifnot(x$cmt == 1, x$evid == 1); x }
mrgsim_ei <- function(x, events, idata, data = NULL, end, add, obsonly, output) {
  stopifnot(end == -1, obsonly, output == "matrix", idata$ID == seq_len(nrow(idata)))
  people <- idata[, paste0("p_", seq_len(ncol(idata) - 1) - 1), drop = FALSE]
  everybody(x$dll, people, x$begun, events, add, x$rtol, x$atol, "ID")
}
