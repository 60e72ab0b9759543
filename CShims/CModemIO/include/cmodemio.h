/*
 * CModemIO: serial ports, udev and the one thread that serves them all.
 *
 * One loop owns one epoll set. Ports and the monitor belong to a loop and are touched on its thread only, except where
 * a function's tag says otherwise. Results are 0 or a count on success, a negative errno on failure.
 *
 * Thread tags: [any] any thread; [loop] the loop's thread, that is, from a callback, or before cmodemio_loop_run.
 */
#ifndef CMODEMIO_H
#define CMODEMIO_H

#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

/* Nullability is Clang's; other compilers read past it. */
#ifndef __clang__
#define _Nullable
#define _Nonnull
#endif

#ifdef __cplusplus
extern "C" {
#endif

/* ------------------------------------------------------------------ loop */

typedef struct cmodemio_loop cmodemio_loop;

typedef struct cmodemio_loop_callbacks {
    void *_Nullable context;
    /* After cmodemio_loop_wake; wakes that came meanwhile are merged into one. [loop] */
    void (*_Nonnull woken)(void *_Nullable context);
    /* Once when the deadline set with cmodemio_loop_set_deadline has passed. [loop] */
    void (*_Nonnull deadline)(void *_Nullable context);
} cmodemio_loop_callbacks;

/* Creates a loop. [any] -ENOMEM, -EMFILE. */
int cmodemio_loop_create(cmodemio_loop_callbacks callbacks, cmodemio_loop *_Nullable *_Nonnull out);
/* Serves until cmodemio_loop_stop; the calling thread becomes the loop's thread. */
int cmodemio_loop_run(cmodemio_loop *_Nonnull loop);
/* Makes run return after the current callback. [any] */
void cmodemio_loop_stop(cmodemio_loop *_Nonnull loop);
/* Makes the loop call `woken` soon. Async-signal-safe. [any] */
void cmodemio_loop_wake(cmodemio_loop *_Nonnull loop);
/* Sets the one deadline, CLOCK_MONOTONIC nanoseconds; 0 means none. Replaces the former one. [loop] */
void cmodemio_loop_set_deadline(cmodemio_loop *_Nonnull loop, int64_t monotonic_ns);
/* Frees the loop, its ports and its monitor. After run has returned. */
void cmodemio_loop_destroy(cmodemio_loop *_Nonnull loop);

/* CLOCK_MONOTONIC in nanoseconds. [any] */
int64_t cmodemio_now_ns(void);

/* ------------------------------------------------------------------ ports */

typedef struct cmodemio_port cmodemio_port;

typedef struct cmodemio_port_options {
    uint32_t baud;        /* for true UARTs; 0 leaves the speed alone (USB modems, ptys) */
    uint32_t write_limit; /* bytes that may wait to be written; 0 means 64 KiB */
} cmodemio_port_options;

typedef struct cmodemio_port_callbacks {
    void *_Nullable context;
    /* Bytes arrived; borrowed for the call. [loop] */
    void (*_Nonnull received)(void *_Nullable context, const uint8_t *_Nonnull bytes, size_t length);
    /* All that waited is written, after cmodemio_port_write had answered -ENOBUFS. [loop] */
    void (*_Nonnull writable)(void *_Nullable context);
    /* The device is gone (EOF, HUP, EIO, ENODEV, ENXIO): once, and never after cmodemio_port_close. The port is closed
       already when this is called; `reason` is a positive errno, 0 for EOF. [loop] */
    void (*_Nonnull closed)(void *_Nullable context, int reason);
} cmodemio_port_callbacks;

/* Opens a tty raw, non-blocking, exclusively: O_NOCTTY, an flock, TIOCEXCL, then a UUCP-style look at
   /run/lock/LCK..name for other programs. [loop]
   -EBUSY: somebody else has it; *holder is then the pid, or 0 where unknown. -ENOENT, -EACCES, -ENOTTY, ... */
int cmodemio_port_open(cmodemio_loop *_Nonnull loop, const char *_Nonnull path, cmodemio_port_options options,
                       cmodemio_port_callbacks callbacks, cmodemio_port *_Nullable *_Nonnull out,
                       pid_t *_Nonnull holder);
/* Takes all bytes or none: 0, -ENOBUFS when the bound is reached, -EPIPE when the port is closed, -EMSGSIZE when the
   bytes are more than the bound and so will never fit. Writes at once what the device accepts. A device found dead by
   this write gives -EPIPE, and `closed` comes from the loop afterwards, never from inside this call. [loop] */
int cmodemio_port_write(cmodemio_port *_Nonnull port, const uint8_t *_Nonnull bytes, size_t length);
/* Back-pressure: stops reading (the kernel's buffer and the device's flow control hold the rest), goes on. The end of
   the device is noticed while paused too. [loop] */
void cmodemio_port_pause(cmodemio_port *_Nonnull port);
void cmodemio_port_resume(cmodemio_port *_Nonnull port);
/* Throws away what the kernel holds unread, as after a recovery; opening never does. 0, -EPIPE, -errno. [loop] */
int cmodemio_port_discard_input(cmodemio_port *_Nonnull port);
/* Closes; what the device has not taken is dropped, so that closing never waits for it; no callback comes afterwards.
   The handle is invalid then. Also the way to free a port that was `closed`. May be called from the port's own
   callbacks. [loop] */
void cmodemio_port_close(cmodemio_port *_Nonnull port);

/* ------------------------------------------------------------------ udev */

/* A tty as udev described it when it was added; every string borrowed for the call, NULL where unknown. */
typedef struct cmodemio_device {
    const char *_Nonnull syspath;     /* the key: it survives renumbering within one plug */
    const char *_Nonnull devnode;     /* /dev/ttyUSB0 */
    const char *_Nullable driver;     /* of the interface: option, cdc_acm, ... */
    const char *_Nullable usb_path;   /* syspath of the USB device: what its ports share */
    const char *_Nullable vendor_id;  /* four hex digits */
    const char *_Nullable product_id; /* four hex digits */
    const char *_Nullable manufacturer;
    const char *_Nullable product;
    const char *_Nullable serial;    /* of the USB device */
    const char *_Nullable id_path;   /* ID_PATH: the socket it sits in */
    const char *_Nullable port_type; /* ID_CONDUCTOR_PORT, or ID_MM_PORT_TYPE_*: "at", "ignore", ... */
    int interface_number;            /* bInterfaceNumber, or -1 */
} cmodemio_device;

/* A USB device as a whole, whether or not it has a tty; every string borrowed for the call, NULL where unknown. */
typedef struct cmodemio_usb_device {
    const char *_Nonnull syspath;
    const char *_Nullable vendor_id;  /* four hex digits */
    const char *_Nullable product_id; /* four hex digits */
    const char *_Nullable product;
    const char *_Nullable id_path; /* ID_PATH: the socket it sits in */
} cmodemio_usb_device;

typedef struct cmodemio_monitor_callbacks {
    void *_Nullable context;
    /* A USB tty is there. May come again for a syspath that is known (a `change`, an enumeration): it replaces the
       former description. [loop] */
    void (*_Nonnull added)(void *_Nullable context, const cmodemio_device *_Nonnull device);
    /* A tty that was `added` is gone. [loop] */
    void (*_Nonnull removed)(void *_Nullable context, const char *_Nonnull syspath);
    /* Events were lost (ENOBUFS): enumerate again. [loop] */
    void (*_Nonnull overflowed)(void *_Nullable context);
    /* A USB device is there, or is described anew; NULL where nobody wants to know. [loop] */
    void (*_Nullable usb_added)(void *_Nullable context, const cmodemio_usb_device *_Nonnull device);
    /* A USB device that was told of is gone. [loop] */
    void (*_Nullable usb_removed)(void *_Nullable context, const char *_Nonnull syspath);
} cmodemio_monitor_callbacks;

/* Starts to listen for udev events of ttys and USB devices (once per loop). [loop] */
int cmodemio_monitor_start(cmodemio_loop *_Nonnull loop, cmodemio_monitor_callbacks callbacks);
/* Calls `added` for each USB tty there is now, and `removed` for each that was announced and is no more; the same for
   USB devices, which come before their ttys. [loop], after
   cmodemio_monitor_start; -ENOTCONN before it, -EBUSY from inside another enumeration. */
int cmodemio_monitor_enumerate(cmodemio_loop *_Nonnull loop);

/* How many udev messages were taken, and how many were refused as malformed or forged before libudev saw them: a
   number above zero deserves a line in the log. [loop] */
typedef struct cmodemio_monitor_counts {
    uint64_t accepted;
    uint64_t refused;
} cmodemio_monitor_counts;
cmodemio_monitor_counts cmodemio_monitor_get_counts(const cmodemio_loop *_Nonnull loop);

/* ------------------------------------------------------------------ USB */

/* Resets a USB device as if it were unplugged and plugged in (USBDEVFS_RESET): its ports go and come again. `syspath`
   is cmodemio_device.usb_path; `device_root` is /dev/bus/usb, or another folder in tests. Waits for the kernel, some
   hundred milliseconds. [any] -EACCES: no right to write the device's node; -ENODEV, -ENOENT: it is not there; -EINVAL:
   no USB device. */
int cmodemio_usb_reset(const char *_Nonnull syspath, const char *_Nonnull device_root);

#ifdef __cplusplus
}
#endif
#endif
