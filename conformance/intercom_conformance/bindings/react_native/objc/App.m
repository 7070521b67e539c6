#import <React/RCTBridgeModule.h>
#import <objc/runtime.h>
#import "Harness.h"

/**
 * A running React Native app with the class IntercomModule. The first argument is the architecture. Values cross as in
 * a release build of React Native 0.81 (RCTModuleMethod.mm, RCTConvert.mm, RCTInteropTurboModule.mm): every number is a
 * double, nothing checks types, and null is nil; within maps it is NSNull in the old architecture, and in the new one
 * its key is missing. An exception ends the app.
 */
@interface App : NSObject <Host> {
    id module;
    NSMutableDictionary *selectors;
}
@end

static BOOL keepsNull(void) {
    return [[[NSProcessInfo processInfo] arguments][1] isEqualToString:@"old"];
}

static id crossed(id value) {
    if ([value isKindOfClass:[NSArray class]]) {
        NSMutableArray *array = [NSMutableArray array];
        for (id each in value) {
            [array addObject:crossed(each)];
        }
        return array;
    }
    if ([value isKindOfClass:[NSDictionary class]]) {
        NSMutableDictionary *map = [NSMutableDictionary dictionary];
        for (NSString *key in value) {
            if (value[key] != [NSNull null] || keepsNull()) {
                map[key] = crossed(value[key]);
            }
        }
        return map;
    }
    BOOL number = [value isKindOfClass:[NSNumber class]] && ![value isKindOfClass:[@YES class]];
    return number ? @([value doubleValue]) : value;
}

/** What a method is written like, `first:(type)name second:(type)name`, as the name of its selector. */
static NSString *selector(NSString *written) {
    NSRegularExpression *typed = [NSRegularExpression regularExpressionWithPattern:@"\\s*\\([^)]*\\)\\s*\\w+\\s*"
                                                                           options:0 error:NULL];
    NSString *names = [typed stringByReplacingMatchesInString:written options:0
                                                        range:NSMakeRange(0, [written length]) withTemplate:@""];
    return [names stringByReplacingOccurrencesOfString:@" " withString:@""];
}

static NSMutableDictionary *exported(Class class) {
    NSMutableDictionary *found = [NSMutableDictionary dictionary];
    unsigned int count;
    Method *methods = class_copyMethodList(object_getClass(class), &count);
    for (unsigned int i = 0; i < count; i++) {
        if ([NSStringFromSelector(method_getName(methods[i])) hasPrefix:@"exported"]) {
            NSString *name = selector([class performSelector:method_getName(methods[i])]);
            found[[name componentsSeparatedByString:@":"][0]] = name;
        }
    }
    free(methods);
    return found;
}

static id argument(NSArray *arguments, NSUInteger index) {
    id given = index < [arguments count] ? arguments[index] : nil;
    return given == [NSNull null] ? nil : crossed(given);
}

/** Not by NSInvocation: GNUstep's does not know the types of blocks. */
static void invoke(id module, SEL method, NSArray *given, RCTPromiseResolveBlock resolve,
                   RCTPromiseRejectBlock reject) {
    IMP function = [module methodForSelector:method];
    id first = argument(given, 0), second = argument(given, 1);
    switch ([[NSStringFromSelector(method) componentsSeparatedByString:@":"] count] - 1) {
        case 2:
            ((void (*)(id, SEL, id, id))function)(module, method, (id)resolve, (id)reject);
            break;
        case 3:
            ((void (*)(id, SEL, id, id, id))function)(module, method, first, (id)resolve, (id)reject);
            break;
        default:
            ((void (*)(id, SEL, id, id, id, id))function)(module, method, first, second, (id)resolve, (id)reject);
    }
}

@implementation App
- (id)init {
    Class class = NSClassFromString(@"IntercomModule");
    selectors = [exported(class) retain];
    module = [class new];
    return self;
}

- (NSDictionary *)binding {
    return @{@"methods": [selectors allKeys], @"silent": [Intercom silent]};
}

- (void)call:(Call *)call {
    RCTPromiseResolveBlock resolve = ^(id result) { [call settle:@"success" value:orNull(result)]; };
    RCTPromiseRejectBlock reject = ^(NSString *code, NSString *message, NSError *error) {
        NSString *text = message ?: [error localizedDescription] ?: @"Unknown error from a native module";
        [call settle:@"error" value:@{@"code": code ?: @"EUNSPECIFIED", @"message": text}];
    };
    invoke(module, NSSelectorFromString(selectors[call.method]), call.arguments, resolve, reject);
}
@end
