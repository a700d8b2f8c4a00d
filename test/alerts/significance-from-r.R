# Prints significance-from-r.json: what R's own tests say of random counts and samples.
#   Rscript significance-from-r.R > significance-from-r.json
set.seed(1)
number <- function(x) format(x, digits = 15, scientific = TRUE)
row <- function(...) paste0("[", paste(..., sep = ","), "]")
list_of <- function(x) paste0("[", paste(x, collapse = ","), "]")
table <- function(name, rows) paste0('  "', name, '": [\n    ', paste(rows, collapse = ",\n    "), "\n  ]")

tail <- sapply(c(-8, -3, -1, 0, 0.1, 1, 1.6448536, 2.58, 2.999, 3, 3.001, 5, 8, 20, 37), function(z)
  row(z, number(pnorm(z, lower.tail = FALSE))))
quantile <- sapply(c(0.5, 0.4, 0.1, 0.05, 0.025, 0.01, 1e-4, 1e-9, 1e-100, 0.7, 0.999), function(p)
  row(p, number(qnorm(p, lower.tail = FALSE))))

wilson <- replicate(60, {
  n <- ceiling(10^runif(1, 0, 5)); x <- rbinom(1, n, runif(1)); confidence <- sample(c(0.8, 0.95, 0.99), 1)
  bound <- function(side) suppressWarnings(prop.test(x, n, correct = FALSE, alternative = side, conf.level = confidence))
  row(x, n, confidence, number(bound("greater")$conf.int[1]), number(bound("less")$conf.int[2]))
})

counts <- replicate(120, {
  size <- 10^runif(1, 0, 5.2); days <- sample(1:90, 2)
  now <- rpois(1, size * exp(rnorm(1, 0, 2 / sqrt(size)))); before <- rpois(1, size * days[2] / days[1])
  p <- function(side) poisson.test(c(now, before), days, alternative = side)$p.value
  row(now, before, days[1], days[2], number(p("less")), number(p("greater")))
})

samples <- replicate(60, {
  digits <- sample(0:2, 1)
  a <- round(rlnorm(sample(2:30, 1), 1.3, 1.2), digits); b <- round(rlnorm(sample(2:30, 1), 1, 1.2), digits)
  test <- wilcox.test(a, b, alternative = "greater", exact = FALSE, correct = TRUE)
  row(list_of(a), list_of(b), number(test$p.value))
})

rates <- replicate(80, {
  n <- ceiling(10^runif(2, 0.5, 4.5)); rate <- runif(1)^2
  x <- c(rbinom(1, n[1], min(1, rate * exp(rnorm(1, 0, 0.5)))), rbinom(1, n[2], rate))
  p <- function(side) fisher.test(cbind(x, n - x), alternative = side)$p.value
  row(x[1], n[1], x[2], n[2], number(p("less")), number(p("greater")))
})

cat("{\n", paste(c(
  table("tail", tail), table("quantile", quantile), table("wilson", wilson),
  table("counts", counts), table("samples", samples), table("rates", rates)
), collapse = ",\n"), "\n}\n", sep = "")
