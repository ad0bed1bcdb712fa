from django.contrib.auth.hashers import Argon2PasswordHasher


class Argon2idPasswordHasher(Argon2PasswordHasher):
    """Argon2id with the parameters OWASP recommends: 19 MiB, two passes, one lane; about 40 ms."""

    time_cost = 2
    memory_cost = 19_456
    parallelism = 1
