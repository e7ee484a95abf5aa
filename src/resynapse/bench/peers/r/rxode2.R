# rxode2: all people in one call, on all cores. Written after its manual; never run by us.
suppressPackageStartupMessages(library(rxode2))
here <- dirname(sub("^--file=", "", grep("^--file=", commandArgs(), value = TRUE)))
source(file.path(here, "serve.R"))

model <- rxode2(equations)
given <- et(instants$time)
for (k in seq_len(nrow(doses))) {
  given <- et(given, time = doses$time[k], amt = doses$amt[k], rate = doses$rate[k], cmt = "y_0")
}

serve(function(people) {
  colnames(people) <- paste0("p_", seq_len(ncol(people)) - 1)
  out <- rxSolve(model, params = as.data.frame(people), events = given, cores = cores,
                 rtol = tolerance[1], atol = tolerance[2], addDosing = FALSE, returnType = "matrix")
  t(out[, states])
})
