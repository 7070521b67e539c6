#import "Wire.h"
#include <stdio.h>
#include <string.h>

id orNull(id value) {
    return value == nil ? [NSNull null] : value;
}

/** Gives text the mark back that `readJson` replaced; the writer escapes all that is not ASCII. */
static void restoreMarks(NSMutableData *data) {
    static const char from[] = "\\ufdd0", to[] = "\\ufeff";
    char *at = [data mutableBytes], *end = at + [data length];
    while ((at = memmem(at, end - at, from, strlen(from))) != NULL) {
        memcpy(at, to, strlen(to));
    }
}

NSDictionary *readMessage(void) {
    static char *line = NULL;
    static size_t room = 0;
    return getline(&line, &room, stdin) < 0 ? nil : readJson(line);
}

void sendMessage(NSDictionary *message) {
    NSMutableDictionary *whole = [NSMutableDictionary dictionaryWithDictionary:message];
    whole[@"jsonrpc"] = @"2.0";
    NSError *error = nil;
    NSMutableData *data = [[NSJSONSerialization dataWithJSONObject:whole options:0 error:&error] mutableCopy];
    restoreMarks(data);
    fwrite([data bytes], 1, [data length], stdout);
    fputc('\n', stdout);
    fflush(stdout);
}
