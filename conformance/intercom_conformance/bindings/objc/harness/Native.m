#import "Wire.h"
#include <Block.h>

/** Where the outcome of one request goes. */
@interface Reply : NSObject {
    Success success;
    Failure failure;
}
- (id)initWithSuccess:(Success)given failure:(Failure)other;
- (void)take:(NSDictionary *)outcome;
@end

@implementation Reply
- (id)initWithSuccess:(Success)given failure:(Failure)other {
    success = Block_copy(given);
    failure = Block_copy(other);
    return self;
}

- (void)take:(NSDictionary *)outcome {
    NSDictionary *error = outcome[@"error"];
    if (error == nil && success != nil) {
        success(outcome[@"value"]);
    } else if (error != nil && failure != nil) {
        NSDictionary *info = @{NSLocalizedDescriptionKey: orNull(error[@"message"])};
        failure([NSError errorWithDomain:@"IntercomErrorDomain" code:[error[@"code"] integerValue] userInfo:info]);
    }
}
@end

static NSMutableDictionary *awaiting, *held;
/** Replies with their outcomes, in the order in which they came: the main queue of a device. */
static NSMutableArray *ready;
static int requests;

@implementation Native
+ (void)initialize {
    awaiting = [NSMutableDictionary new];
    held = [NSMutableDictionary new];
    ready = [NSMutableArray new];
}

+ (NSString *)send:(NSString *)method with:(NSArray *)arguments {
    NSString *request = [NSString stringWithFormat:@"n%d", ++requests];
    sendMessage(@{@"id": request, @"method": @"native", @"params": @{@"method": method, @"arguments": arguments}});
    return request;
}

+ (void)tell:(NSString *)method with:(NSArray *)arguments {
    [self ask:method with:arguments success:nil failure:nil];
}

+ (void)ask:(NSString *)method with:(NSArray *)arguments success:(Success)success failure:(Failure)failure {
    Reply *reply = [[Reply alloc] initWithSuccess:success failure:failure];
    awaiting[[self send:method with:arguments]] = reply;
}

+ (id)get:(NSString *)method {
    NSString *request = [self send:method with:@[]];
    for (NSDictionary *message = readMessage(); message != nil; message = readMessage()) {
        if ([request isEqual:message[@"id"]]) {
            return message[@"result"][@"value"];
        }
        [self accept:message];
    }
    exit(0);
}

/** Takes the kit's immediate reply to a request. */
+ (void)accept:(NSDictionary *)message {
    Reply *reply = awaiting[message[@"id"]];
    NSDictionary *result = message[@"result"], *error = message[@"error"];
    if (result[@"held"] != nil) {
        held[result[@"held"]] = reply;
    } else {
        [ready addObject:@[reply, error == nil ? result : @{@"error": error[@"data"] ?: error}]];
    }
    [awaiting removeObjectForKey:message[@"id"]];
}

+ (void)answer:(NSDictionary *)params {
    Reply *reply = held[params[@"ticket"]];
    if (reply == nil) {
        [NSException raise:NSInvalidArgumentException
                    format:@"No native request is held under ticket %@.", params[@"ticket"]];
    }
    [ready addObject:@[reply, params]];
    [held removeObjectForKey:params[@"ticket"]];
}

+ (void)settle {
    [self drain];
    while ([awaiting count] > 0) {
        NSDictionary *message = readMessage();
        if (message == nil) {
            exit(0);
        }
        [self accept:message];
        [self drain];
    }
}

+ (void)drain {
    while ([ready count] > 0) {
        NSArray *next = ready[0];
        [[next retain] autorelease];
        [ready removeObjectAtIndex:0];
        @try {
            [(Reply *)next[0] take:next[1]];
        } @catch (NSException *exception) {
            [Reaction crash:exception];
            [ready removeAllObjects];
        }
    }
}

+ (void)forget {
    [awaiting removeAllObjects];
    [held removeAllObjects];
    [ready removeAllObjects];
}
@end
