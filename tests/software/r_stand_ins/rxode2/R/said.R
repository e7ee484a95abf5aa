rxode2 <- function(model) {
  lines <- strsplit(model, "\n")[[1]]
  begins <- grepl("^y_\\d+\\(0\\) = ", lines)
  begun <- vapply(matches(lines[begins], "= (.*);$"), function(m) as.numeric(m[2]), 0)
  ode <- sub("^(x\\d+) ~ ", "double \\1 = ", lines[!begins])
  ode <- sub("^d/dt\\(y_(\\d+)\\) = ", "D[\\1] = ", ode)
  parameters <- max(as.integer(unlist(regmatches(model, gregexpr("(?<=p_)\\d+", model, perl = TRUE))))) + 1
  list(ode = ode, begun = begun, parameters = parameters)
}
et <- function(x, time, amt, rate, cmt) {
  if (is.numeric(x)) return(list(times = x, doses = data.frame()))
  stopifnot(cmt == "y_0")
  x$doses <- rbind(x$doses, data.frame(time = time, amt = amt, rate = rate))
  x
}
rxSolve <- function(object, params, events, cores, rtol, atol, addDosing, returnType) {
  stopifnot(!addDosing, returnType == "matrix", is.data.frame(params), cores >= 1)
  dll <- compiled("said", object$ode, ncol(params), length(object$begun))
  everybody(dll, params[, paste0("p_", seq_along(params) - 1)], object$begun, events$doses,
    events$times, rtol, atol, "id")
}
