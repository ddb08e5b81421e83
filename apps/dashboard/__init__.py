"""What people see. It asks the stations' queries and calls their actions; it never touches a table."""
