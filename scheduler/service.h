/*
 * service.h - what the service manager is told: ready, stopping, still alive. The only face of
 * libsystemd.
 *
 * Without a service manager every call does nothing.
 */
#ifndef SCHEDULER_SERVICE_H
#define SCHEDULER_SERVICE_H

#include <stdint.h>

void service_ready(void);
void service_reloading(int64_t monotonic_us);
void service_stopping(void);
void service_alive(void);

/* How often service_alive() is to be called: half of the watchdog's time; 0 = no watchdog. */
int64_t service_alive_interval_ms(void);

#endif
