"""CloudEvents 1.0 (github.com/cloudevents/spec): what an event says, and its envelopes."""
