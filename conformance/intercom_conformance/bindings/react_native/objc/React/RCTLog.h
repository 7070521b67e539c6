#define RCTLog(...) NSLog(__VA_ARGS__)
