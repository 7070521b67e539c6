/**
 * Reads JSON. GNUstep's own reader fails on long texts beyond the basic plane.
 *
 * GNUstep's strings drop the mark U+FEFF if they begin with it; Apple's keep it. So it is U+FDD0 in the program, which
 * is no character; `sendMessage` has its way back.
 */
#import "Wire.h"

static const unsigned char *at;

static void skip(void) {
    while (*at == ' ' || *at == '\t' || *at == '\n' || *at == '\r' || *at == ',' || *at == ':') {
        at++;
    }
}

static unichar escaped(void) {
    unsigned int code = 0;
    switch (*at++) {
        case 'b': return '\b';
        case 'f': return '\f';
        case 'n': return '\n';
        case 'r': return '\r';
        case 't': return '\t';
        case 'u':
            sscanf((const char *)at, "%4x", &code);
            at += 4;
            return code;
        default: return at[-1];
    }
}

/** A character of UTF-8, of whose bytes the first says how many follow. */
static unsigned int character(void) {
    unsigned int first = *at++;
    int more = first >= 0xF0 ? 3 : first >= 0xE0 ? 2 : first >= 0xC0 ? 1 : 0;
    unsigned int code = more == 0 ? first : first & (0x3F >> more);
    while (more-- > 0) {
        code = code << 6 | (*at++ & 0x3F);
    }
    return code;
}

/** GNUstep has no strings with half of a surrogate pair: it becomes the replacement character. */
static void complete(unichar *units, size_t count) {
    for (size_t i = 0; i < count; i++) {
        BOOL pair = i + 1 < count && (units[i] & 0xFC00) == 0xD800 && (units[i + 1] & 0xFC00) == 0xDC00;
        if (pair) {
            i++;
        } else if ((units[i] & 0xF800) == 0xD800) {
            units[i] = 0xFFFD;
        }
    }
}

static NSString *text(void) {
    size_t count = 0;
    unichar *units = malloc(sizeof(unichar) * (strlen((const char *)at) + 2));
    for (at++; *at != '"' && *at != '\0';) {
        unsigned int code = *at == '\\' ? (at++, escaped()) : character();
        if (code > 0xFFFF) {
            units[count++] = 0xD800 + ((code - 0x10000) >> 10);
            code = 0xDC00 + ((code - 0x10000) & 0x3FF);
        }
        units[count++] = code == 0xFEFF ? 0xFDD0 : code;
    }
    at++;
    complete(units, count);
    NSString *found = [NSString stringWithCharacters:units length:count];
    free(units);
    return found;
}

static id value(void);

static NSMutableArray *array(void) {
    NSMutableArray *found = [NSMutableArray array];
    for (at++, skip(); *at != ']' && *at != '\0'; skip()) {
        [found addObject:value()];
    }
    at++;
    return found;
}

static NSMutableDictionary *object(void) {
    NSMutableDictionary *found = [NSMutableDictionary dictionary];
    for (at++, skip(); *at != '}' && *at != '\0'; skip()) {
        NSString *key = text();
        found[key] = value();
    }
    at++;
    return found;
}

static id value(void) {
    char *end;
    skip();
    switch (*at) {
        case '"': return text();
        case '[': return array();
        case '{': return object();
        case 't': at += 4; return @YES;
        case 'f': at += 5; return @NO;
        case 'n': at += 4; return [NSNull null];
        default: break;
    }
    double number = strtod((const char *)at, &end);
    if ((const char *)at == end) {
        fprintf(stderr, "This is no JSON: %s", at);
        exit(1);
    }
    at = (const unsigned char *)end;
    return @(number);
}

id readJson(const char *line) {
    at = (const unsigned char *)line;
    return value();
}
