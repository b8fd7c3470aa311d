"""The Service Bus trigger: single dispatch, with and without sessions."""
