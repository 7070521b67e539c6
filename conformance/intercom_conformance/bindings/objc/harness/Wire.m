#import "Wire.h"
#include <stdio.h>
#include <string.h>

id orNull(id value) {
    return value == nil ? [NSNull null] : value;
}

/**
 * GNUstep's strings drop the mark U+FEFF if they begin with it; Apple's keep it. So it is U+FDD0 in the program, which
 * is no character, and what the bindings do with text has the same outcome.
 */
static void replace(char *text, size_t length, const char *from, const char *to) {
    char *end = text + length;
    for (char *at = text; (at = memmem(at, end - at, from, strlen(from))) != NULL; at += strlen(to)) {
        memcpy(at, to, strlen(to));
    }
}

NSDictionary *readMessage(void) {
    static char *line = NULL;
    static size_t room = 0;
    ssize_t length = getline(&line, &room, stdin);
    if (length < 0) {
        return nil;
    }
    replace(line, length, "\xEF\xBB\xBF", "\xEF\xB7\x90");
    NSError *error = nil;
    NSData *data = [NSData dataWithBytes:line length:length];
    id message = [NSJSONSerialization JSONObjectWithData:data options:0 error:&error];
    if (![message isKindOfClass:[NSDictionary class]]) {
        fprintf(stderr, "This is no message: %s", line);
        exit(1);
    }
    return message;
}

void sendMessage(NSDictionary *message) {
    NSMutableDictionary *whole = [NSMutableDictionary dictionaryWithDictionary:message];
    whole[@"jsonrpc"] = @"2.0";
    NSError *error = nil;
    NSMutableData *data = [[NSJSONSerialization dataWithJSONObject:whole options:0 error:&error] mutableCopy];
    replace([data mutableBytes], [data length], "\\ufdd0", "\\ufeff");
    fwrite([data bytes], 1, [data length], stdout);
    fputc('\n', stdout);
    fflush(stdout);
}
