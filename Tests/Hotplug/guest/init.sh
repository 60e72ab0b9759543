#!/bin/sh
# The first process of the guest: makes it as much of a Debian as hot-plug needs, starts the real udevd, then does what
# the host says over a virtio port.
/bin/busybox mkdir -p /bin /sbin /proc /sys /dev /run /tmp /var
/bin/busybox --install -s /bin
export PATH=/usr/local/bin:/usr/bin:/bin:/sbin LANG=C.UTF-8

mount -t proc proc /proc
mount -t sysfs sysfs /sys
mount -t devtmpfs devtmpfs /dev
mkdir -p /dev/pts /run/lock
mount -t devpts devpts /dev/pts
chmod 1777 /tmp /run/lock
ln -s /run /var/run
mkdir -p /var/lib/conductor
chown 900:900 /var/lib/conductor
ip link set lo up

/lib/systemd/systemd-udevd --daemon
modprobe -a virtio_pci virtio_console virtio_rng xhci_pci dummy_hcd libcomposite usb_f_serial
# The drivers of modems (ftdi_sio, option) are loaded by udevd when one is plugged in, as on any machine.
mount -t configfs configfs /sys/kernel/config
udevadm trigger --action=add
udevadm settle --timeout=60

# What a command printed, then a line that no command prints.
exec 3<>/dev/virtio-ports/control
echo "=== ready" >&3
while IFS= read -r line <&3; do
    printed=$(eval "$line" 2>&1 </dev/null 3<&-)
    code=$?
    [ -z "$printed" ] || printf '%s\n' "$printed" >&3
    echo "=== $code" >&3
done
poweroff -f
