"""Networks and small graphs to open and train; a package so that they are found from a wheel as well."""
