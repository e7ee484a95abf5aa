# What all tools of R share: the plan, and the way people come in and states go out.
given <- commandArgs(trailingOnly = TRUE)
folder <- given[1]
cores <- as.integer(given[2])
tolerance <- as.numeric(given[3:4])  # relative, absolute

place <- function(name) file.path(folder, name)
read_table <- function(name) utils::read.csv(place(paste0(name, ".csv")))
begun <- read_table("begun")$y
pieces <- read_table("pieces")      # begin, end, inflow; h, mg/h
instants <- read_table("instants")  # piece, row, time
doses <- read_table("doses")        # time, amt, rate
equations <- paste(readLines(place("equations")), collapse = "\n")
states <- paste0("y_", seq_along(begun) - 1)

read_people <- function(count) {
  size <- file.size(place("people")) / 8
  matrix(readBin(place("people"), "double", size), nrow = count, byrow = TRUE)
}

peak_mb <- function() {
  told <- tryCatch(readLines("/proc/self/status"), error = function(e) character(), warning = function(w) character())
  line <- grep("^VmHWM", told, value = TRUE)
  if (length(line)) as.numeric(gsub("[^0-9]", "", line)) / 1024 else sum(gc()[, 6])
}

# `solve` takes parameters [people, parameters] and gives states [states, instants, people].
serve <- function(solve) {
  input <- file("stdin", "r")
  while (length(line <- readLines(input, 1))) {
    found <- solve(read_people(as.integer(line)))
    writeBin(as.vector(found), place("raw"))
    used <- sum(proc.time()[c("user.self", "sys.self")])
    cat(used, peak_mb(), "\n")
    flush(stdout())
  }
}
