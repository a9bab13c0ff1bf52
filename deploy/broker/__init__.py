"""RabbitMQ for development, the demo and the tests: a private node, and the definitions of its contents."""
