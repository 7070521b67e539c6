#import "Wire.h"
#include <stdio.h>

id orNull(id value) {
    return value == nil ? [NSNull null] : value;
}

NSDictionary *readMessage(void) {
    static char *line = NULL;
    static size_t room = 0;
    ssize_t length = getline(&line, &room, stdin);
    if (length < 0) {
        return nil;
    }
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
    NSData *data = [NSJSONSerialization dataWithJSONObject:whole options:0 error:&error];
    fwrite([data bytes], 1, [data length], stdout);
    fputc('\n', stdout);
    fflush(stdout);
}
