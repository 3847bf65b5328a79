# Addresses from their texts, by the rules of Cedar's ipaddr: no leading zeros, no IPv4 inside IPv6, at most 43 characters.
package cardea.cedar

ip_of(document) := ["ipaddr", family, address, prefix, range[0], range[1]] if {
	text := extension_text(document, "ip")
	count(text) <= 43
	[host, length] := host_and_prefix(text)
	[family, address] := address_of(host)
	prefix := prefix_of(length, count(address) * 4)
	range := range_of(address, prefix)
}

host_and_prefix(text) := [text, "whole"] if {
	not contains(text, "/")
} else := split(text, "/")

prefix_of("whole", bits) := bits

prefix_of(text, bits) := prefix if {
	regex.match(`^(0|[1-9][0-9]{0,2})$`, text)
	prefix := to_number(text)
	prefix <= bits
}

address_of(host) := [4, concat("", octets)] if {
	regex.match(`^(0|[1-9][0-9]{0,2})([.](0|[1-9][0-9]{0,2})){3}$`, host)
	octets := [octet |
		some text in split(host, ".")
		number := to_number(text)
		number <= 255
		octet := padded(format_int(number, 16), 2)
	]
	count(octets) == 4
}

address_of(host) := [6, concat("", groups)] if {
	contains(host, ":")
	not contains(host, "::")
	groups := groups_of(host)
	count(groups) == 8
}

# `::` stands for at least one group.
address_of(host) := [6, concat("", [concat("", head), substring(zeros, 0, missing * 4), concat("", tail)])] if {
	contains(host, "::")
	[before_zeros, after_zeros] := split(host, "::")
	head := groups_of(before_zeros)
	tail := groups_of(after_zeros)
	missing := (8 - count(head)) - count(tail)
	missing >= 1
}

groups_of("") := []

groups_of(text) := [padded(lower(group), 4) | some group in split(text, ":")] if {
	regex.match(`^[0-9a-fA-F]{1,4}(:[0-9a-fA-F]{1,4})*$`, text)
}

# The first and the last address of the range: the digit that the prefix cuts, and all after it.
range_of(address, prefix) := [address, address] if {
	prefix == count(address) * 4
} else := [
	concat("", [head, substring(digits, low, 1), substring(zeros, 0, rest)]),
	concat("", [head, substring(digits, (low + size) - 1, 1), substring(ones, 0, rest)]),
] if {
	cut := floor(prefix / 4)
	head := substring(address, 0, cut)
	rest := (count(address) - cut) - 1
	digit := indexof(digits, substring(address, cut, 1))
	size := [16, 8, 4, 2][prefix % 4]
	low := digit - (digit % size)
}

padded(text, length) := concat("", [substring(zeros, 0, length - count(text)), text])

digits := "0123456789abcdef"

zeros := "00000000000000000000000000000000"

ones := "ffffffffffffffffffffffffffffffff"
