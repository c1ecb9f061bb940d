# Faults of a Tcl device poller.
set n $env(LAB_N); set dir $env(LAB_DIR)
proc connect {name} { lassign [split $::env($name) :] host port; set s [socket $host $port]; fconfigure $s -buffering line; return $s }
proc deep {x} { deep [expr {$x + 1}] }
array set faults {}
proc fault {name body} { set ::faults($name) $body }
# fault socket-refused: connectivity
fault socket-refused { connect LAB_REFUSED }
# fault host-unknown: connectivity
fault host-unknown { socket "meter-$n.invalid" 502 }
# fault peer-reset: connectivity
fault peer-reset { set s [connect LAB_RESET]; puts $s a; after 100; puts $s b; gets $s line; read $s }
# fault poll-late: timeout
fault poll-late { error "device $n did not answer within 300 ms" }
# fault bus-busy: dependency_unavailable
fault bus-busy { error "modbus gateway replied: slave device busy" }
# fault file-denied: access_denied
fault file-denied { open $dir/secret.txt }
# fault file-missing: not_found
fault file-missing { open /srv/data/devices-$n.conf }
# fault device-unknown: not_found
fault device-unknown { error "no device with serial $n" }
# fault number-bad: invalid_input or code_defect
fault number-bad { expr {"12 kWh" + 1} }
# fault date-bad: invalid_input
fault date-bad { clock scan "2024-13-45" -format "%Y-%m-%d" }
# fault reading-negative: invalid_input
fault reading-negative { error "reading must not be negative: -$n" }
# fault disk-full: resource_exhausted
fault disk-full { set f [open /dev/full w]; puts $f x; close $f }
# fault files-open: resource_exhausted (nofile=20)
fault files-open { for {set i 0} {$i < 99} {incr i} { open /dev/null } }
# fault too-deep: resource_exhausted or code_defect
fault too-deep { deep 0 }
# fault directory-exists: conflict
fault directory-exists { error "lock file /srv/poller/run.lock exists, another poller is running" }
# fault reading-backwards: data_integrity
fault reading-backwards { error "meter $n: register went backwards, 4711 after 4712" }
# fault package-missing: configuration
fault package-missing { package require modbus 3.2 }
# fault env-missing: configuration
fault env-missing { set ::env(POLLER_PORT) }
# fault program-missing: configuration
fault program-missing { exec modpoll -1 }
# fault port-taken: configuration
fault port-taken { socket -server x -myaddr 127.0.0.1 [lindex [split $env(LAB_HTTP) :] 1] }
# fault list-unbalanced: serialization or code_defect, invalid_input
fault list-unbalanced { lindex "\x7ba b" 0 }
# fault frame-short: serialization
fault frame-short { error "frame of 5 bytes, header says 9" }
# fault variable-missing: code_defect
fault variable-missing { return $reading }
# fault command-unknown: code_defect
fault command-unknown { compute_total 1 }
# fault arguments-wrong: code_defect
fault arguments-wrong { connect }
# fault by-zero: code_defect
fault by-zero { expr {1 / 0} }
# fault dict-key: code_defect
fault dict-key { dict get {a 1} b }
# fault not-list-index: code_defect
fault not-list-index { lindex {a b} x }
# fault array-as-scalar: code_defect
fault array-as-scalar { array set a {x 1}; return $a }
# fault child-killed: crash
fault child-killed { exec sh -c {kill -SEGV $$} }
# fault child-status: crash
fault child-status { exec sh -c {kill -9 $$} }
proc report {type message trace} { puts "@@type $type\n@@message $message\n@@trace\n$trace\n@@end" }
set name [lindex $argv 0]
if {$env(LAB_MODE) eq "raise"} { eval $faults($name); exit 0 }
if {[catch {eval $faults($name)} message options]} {
  if {$env(LAB_MODE) eq "wrap"} { set message "poll $n abandoned: $message" }
  report "" $message [dict get $options -errorinfo]
}
