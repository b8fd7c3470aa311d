"""Hours of mixed load with faults: whether anything grows, is lost, or ends as it must not."""
