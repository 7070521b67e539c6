/** As much of libdispatch as bridges name. The one queue is the thread of the driver. */
typedef id dispatch_queue_t;
static inline dispatch_queue_t dispatch_get_main_queue(void) { return nil; }
