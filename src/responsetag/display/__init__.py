"""What people see on a terminal. Needs rich; nothing but the command line imports it."""
