"""What every resource of the API stands on: who asks, what is sent, what is answered, and how it is refused."""
