# deSolve: LSODA with equations in C, started again at every edge of an infusion.
suppressPackageStartupMessages(library(deSolve))
here <- dirname(sub("^--file=", "", grep("^--file=", commandArgs(), value = TRUE)))
source(file.path(here, "serve.R"))

invisible(file.copy(place("equations"), place("equations.c"), overwrite = TRUE))
built <- system2(file.path(R.home("bin"), "R"), c("CMD", "SHLIB", shQuote(place("equations.c"))),
                 stdout = FALSE, stderr = place("compiler"))
if (built) stop("the equations were not compiled: ", utils::tail(readLines(place("compiler")), 1))
dyn.load(place(paste0("equations", .Platform$dynlib.ext)))
of_piece <- split(instants, factor(instants$piece, seq_len(nrow(pieces))))

one <- function(person) {
  y <- begun
  found <- matrix(NA_real_, length(begun), nrow(instants))
  for (k in seq_len(nrow(pieces))) {
    times <- unique(c(pieces$begin[k], of_piece[[k]]$time, pieces$end[k]))
    out <- lsoda(y, times, "slopes", c(person, pieces$inflow[k]), rtol = tolerance[1],
                 atol = tolerance[2], dllname = "equations", initfunc = "begin", maxsteps = 1e5)
    many <- nrow(of_piece[[k]])
    if (many) found[, of_piece[[k]]$row] <- t(out[seq_len(many) + 1, -1, drop = FALSE])
    y <- out[nrow(out), -1]
  }
  found
}

serve(function(people) vapply(seq_len(nrow(people)), function(i) one(people[i, ]),
                              matrix(0, length(begun), nrow(instants))))
