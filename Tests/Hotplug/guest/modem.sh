#!/bin/sh
# A modem with four ports, as an EC25 shows them, which the kernel's own gadget drivers play on the bus of dummy_hcd.
# The port of interface 2 leads to the host, where a simulated modem answers; nobody is behind the other three, which
# take nothing and say nothing.
# Usage: modem.sh make SERIAL | plug | wire_again | pull
set -eu
gadget=/sys/kernel/config/usb_gadget/modem

make() {
    mkdir -p $gadget/strings/0x409 $gadget/configs/c.1/strings/0x409
    cd $gadget
    echo 0x2c7c >idVendor
    echo 0x0125 >idProduct
    echo 0x0318 >bcdDevice
    echo "$1" >strings/0x409/serialnumber
    echo "Quectel" >strings/0x409/manufacturer
    echo "EC25-AF" >strings/0x409/product
    for number in 0 1 2 3; do
        mkdir functions/gser.$number
        ln -s functions/gser.$number configs/c.1/
    done
    ln -s /dev/ttyGS"$(cat functions/gser.2/port_num)" /run/modem.tty
}

# Each way by a process of its own. Both end with the modem: the tty hangs up, or the host lets go of its end.
wire() {
    exec 5<>/dev/virtio-ports/at 6<>/run/modem.tty
    stty -F /run/modem.tty raw -echo
    cat <&6 >&5 2>/dev/null &
    echo $! >/run/modem.pids
    cat <&5 >&6 2>/dev/null &
    echo $! >>/run/modem.pids
}

unwire() {
    while read -r process; do
        kill "$process" 2>/dev/null || true
        # Until it is gone, it has the host's end.
        while [ -e /proc/"$process"/exe ]; do usleep 10000; done
    done </run/modem.pids
}

# A reset of the bus hangs the tty up; a modem that keeps its power goes on.
wire_again() {
    unwire
    wire
}

plug() {
    wire
    for bus in /sys/class/udc/*; do
        echo "${bus##*/}" >$gadget/UDC
    done
}

pull() {
    echo "" >$gadget/UDC
    unwire
}

"$@"
