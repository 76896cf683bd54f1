"""What a rule is: a function that yields where something is wrong. Its first line of documentation says what."""

RULES = []


def rule(*breaks):
    """Marks a rule, with ways to break the template that it must find."""

    def mark(check):
        RULES.append((check, breaks))
        return check

    return mark
