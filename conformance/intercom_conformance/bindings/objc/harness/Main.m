/**
 * Serves a family's class App to the kit, or to what stands in the kit's place.
 *
 * The bridges are written for automatic reference counting, which GCC's runtime does not have, and are compiled
 * without it. So nothing is released that an app might still use: the pool lives as long as the app.
 */
#import "Wire.h"

static NSMutableArray *settled;
static NSDictionary *thrown;
static int installation;

@implementation Reaction
+ (void)add:(NSDictionary *)one {
    [settled addObject:one];
}

+ (void)crash:(NSException *)exception {
    NSLog(@"%@: %@", [exception name], [exception reason]);
    if (thrown == nil) {
        thrown = [@{@"type": orNull([exception name]), @"message": [exception reason] ?: @""} retain];
    }
}

+ (NSDictionary *)finish {
    NSMutableDictionary *finished = [NSMutableDictionary dictionaryWithObject:orNull(settled) forKey:@"settled"];
    [finished setValue:thrown forKey:@"thrown"];
    thrown = nil;
    settled = [NSMutableArray new];
    return finished;
}
@end

@implementation Call
@synthesize method, arguments;

- (id)initWithParams:(NSDictionary *)params {
    name = [params[@"call"] retain];
    method = [params[@"method"] retain];
    arguments = [params[@"arguments"] retain];
    home = installation;
    return self;
}

- (void)settle:(NSString *)callback value:(id)value {
    NSMutableDictionary *one = [NSMutableDictionary dictionary];
    [one setValue:name forKey:@"call"];
    [one setValue:callback forKey:@"callback"];
    [one setValue:value forKey:@"value"];
    if (home == installation) {
        [Reaction add:one];
    }
}
@end

static NSDictionary *initialize(id<Host> app) {
    NSMutableDictionary *result = [NSMutableDictionary dictionaryWithDictionary:[app binding]];
    [result addEntriesFromDictionary:@{@"protocol": @"1.0", @"language": @"objective-c", @"platform": @"ios"}];
    return result;
}

static NSDictionary *call(id<Host> app, NSDictionary *params) {
    @try {
        [app call:[[Call alloc] initWithParams:params]];
    } @catch (NSException *exception) {
        [Reaction crash:exception];
    }
    [Native settle];
    return [Reaction finish];
}

static NSDictionary *answer(NSDictionary *params) {
    [Native answer:params];
    [Native settle];
    return [Reaction finish];
}

static NSDictionary *result(id<Host> app, NSString *method, NSDictionary *params) {
    if ([method isEqualToString:@"initialize"]) return initialize(app);
    if ([method isEqualToString:@"call"]) return call(app, params);
    if ([method isEqualToString:@"answer"]) return answer(params);
    if ([@[@"reset", @"shutdown"] containsObject:method]) return @{};
    [NSException raise:NSInvalidArgumentException format:@"This driver does not serve %@.", method];
    return nil;
}

static id<Host> install(void) {
    installation += 1;
    [Native forget];
    id<Host> app = [NSClassFromString(@"App") new];
    [Native settle];
    [Reaction finish];
    return app;
}

int main(void) {
    NSAutoreleasePool *pool = [NSAutoreleasePool new];
    id<Host> app = install();
    for (NSDictionary *message = readMessage(); message != nil; message = readMessage()) {
        NSString *method = message[@"method"];
        if ([method isEqualToString:@"reset"]) {
            app = install();
        }
        @try {
            sendMessage(@{@"id": message[@"id"], @"result": result(app, method, message[@"params"])});
        } @catch (NSException *exception) {
            NSDictionary *error = @{@"code": @(-32000), @"message": orNull([exception reason])};
            sendMessage(@{@"id": message[@"id"], @"error": error});
        }
        if ([method isEqualToString:@"shutdown"]) {
            return 0;
        }
        if ([method isEqualToString:@"reset"]) {
            [pool release];
            pool = [NSAutoreleasePool new];
        }
    }
    return 0;
}
