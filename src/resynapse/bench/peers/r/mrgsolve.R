# mrgsolve: all people in one call, infusions as events. Written after its manual; never run by us.
suppressPackageStartupMessages(library(mrgsolve))
here <- dirname(sub("^--file=", "", grep("^--file=", commandArgs(), value = TRUE)))
source(file.path(here, "serve.R"))

model <- mcode("equations", equations, soloc = folder, quiet = TRUE)
model <- update(model, rtol = tolerance[1], atol = tolerance[2], maxsteps = 1e5)
given <- as.ev(data.frame(time = doses$time, amt = doses$amt, rate = doses$rate, cmt = 1, evid = 1))

serve(function(people) {
  colnames(people) <- paste0("p_", seq_len(ncol(people)) - 1)
  idata <- data.frame(ID = seq_len(nrow(people)), people)
  out <- mrgsim_ei(model, given, idata, end = -1, add = instants$time, obsonly = TRUE, output = "matrix")
  t(out[, states])
})
