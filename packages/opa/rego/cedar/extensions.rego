# The methods of decimals, addresses, datetimes and durations. Undefined where Cedar errs.
package cardea.cedar

# ["decimal", ten-thousandths]

decimal_less(left, right) := left[1] < right[1] if {
	is_extension(left, "decimal")
	is_extension(right, "decimal")
}

decimal_less_or_equal(left, right) := left[1] <= right[1] if {
	is_extension(left, "decimal")
	is_extension(right, "decimal")
}

# ["ipaddr", 4 or 6, address, prefix length, first address of the range, last address]: addresses in hexadecimal, all digits.

ip_is_family(ip, family) := ip[1] == family if is_extension(ip, "ipaddr")

ip_is_in_range(inner, outer) if {
	is_range_in(inner, outer)
} else := false if {
	is_extension(inner, "ipaddr")
	is_extension(outer, "ipaddr")
}

ip_is_loopback(ip) if {
	is_range_in(ip, loopback[_])
} else := false if {
	is_extension(ip, "ipaddr")
}

ip_is_multicast(ip) if {
	is_range_in(ip, multicast[_])
} else := false if {
	is_extension(ip, "ipaddr")
}

is_range_in(inner, outer) if {
	is_extension(inner, "ipaddr")
	is_extension(outer, "ipaddr")
	inner[1] == outer[1]
	inner[4] >= outer[4]
	inner[5] <= outer[5]
}

loopback := [
	["ipaddr", 4, "7f000000", 8, "7f000000", "7fffffff"],
	["ipaddr", 6, one6, 128, one6, one6],
]

multicast := [
	["ipaddr", 4, "e0000000", 4, "e0000000", "efffffff"],
	["ipaddr", 6, first_multicast6, 8, first_multicast6, "ffffffffffffffffffffffffffffffff"],
]

one6 := "00000000000000000000000000000001"

first_multicast6 := "ff000000000000000000000000000000"

# ["datetime", milliseconds since 1970] and ["duration", milliseconds]

time_offset(start, by) := ["datetime", long(start[1] + by[1])] if {
	is_extension(start, "datetime")
	is_extension(by, "duration")
}

time_since(end, start) := ["duration", long(end[1] - start[1])] if {
	is_extension(end, "datetime")
	is_extension(start, "datetime")
}

time_date(instant) := ["datetime", long(instant[1] - time_of_day(instant[1]))] if is_extension(instant, "datetime")

time_time(instant) := ["duration", time_of_day(instant[1])] if is_extension(instant, "datetime")

# Whole units, towards zero.
duration_in(duration, unit) := (duration[1] - (duration[1] % unit)) / unit if is_extension(duration, "duration")

# Before 1970 too a day begins at midnight.
time_of_day(milliseconds) := ((milliseconds % 86400000) + 86400000) % 86400000
