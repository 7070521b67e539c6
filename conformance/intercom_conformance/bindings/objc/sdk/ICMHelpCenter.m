#import <Intercom/ICMHelpCenter.h>

@implementation ICMHelpCenterData
+ (instancetype)of:(NSDictionary *)object {
    ICMHelpCenterData *data = [self new];
    data->given = [object retain];
    return data;
}

+ (NSArray *)each:(NSArray *)objects {
    NSMutableArray *each = [NSMutableArray array];
    if ([objects isKindOfClass:[NSArray class]]) {
        for (NSDictionary *object in objects) {
            [each addObject:[self of:object]];
        }
    }
    return each;
}

- (id)entry:(NSString *)key {
    id value = given[key];
    return value == [NSNull null] ? nil : value;
}

- (NSString *)title {
    return [self entry:@"title"];
}

- (NSString *)summary {
    return [self entry:@"summary"];
}
@end

@implementation ICMHelpCenterArticle
- (NSString *)articleId {
    return [self entry:@"id"];
}
@end

@implementation ICMHelpCenterArticleSearchResult
- (NSString *)articleId {
    return [self entry:@"articleId"];
}

- (NSString *)matchingSnippet {
    return [self entry:@"matchingSnippet"];
}
@end

@implementation ICMHelpCenterCollection
- (NSString *)collectionId {
    return [self entry:@"id"];
}
@end

@implementation ICMHelpCenterSection
- (NSArray *)articles {
    return [ICMHelpCenterArticle each:[self entry:@"articles"]];
}
@end

@implementation ICMHelpCenterCollectionContent
- (NSString *)collectionId {
    return [self entry:@"id"];
}

- (NSArray *)articles {
    return [ICMHelpCenterArticle each:[self entry:@"articles"]];
}

- (NSArray *)sections {
    return [ICMHelpCenterSection each:[self entry:@"sections"]];
}

- (NSArray *)collections {
    return [ICMHelpCenterCollection each:[self entry:@"collections"]];
}
@end
